package posthogecho

// maxText is how many characters of an error are told.
const maxText = 1000

// short returns as much of text as is told.
func short(text string) string {
	told := 0
	for i := range text {
		if told++; told > maxText {
			return text[:i]
		}
	}
	return text
}
