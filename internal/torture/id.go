package torture

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strconv"
	"strings"
)

// ID names an event of a run: which process offered it, on which of its
// goroutines, and the how-manieth of that goroutine it was, from 0.
type ID struct {
	Process, Worker, Number int
}

// String returns the id as it travels, such as "12.3.45".
func (id ID) String() string {
	return strconv.Itoa(id.Process) + "." + strconv.Itoa(id.Worker) + "." + strconv.Itoa(id.Number)
}

// ParseID is the inverse of [ID.String].
func ParseID(text string) (ID, error) {
	parts := strings.Split(text, ".")
	if len(parts) != 3 {
		return ID{}, fmt.Errorf("%q is no id of an event", text)
	}
	var numbers [3]int
	for i, part := range parts {
		n, err := strconv.ParseUint(part, 10, 31)
		if err != nil {
			return ID{}, fmt.Errorf("%q is no id of an event: %w", text, err)
		}
		numbers[i] = int(n)
	}
	return ID{numbers[0], numbers[1], numbers[2]}, nil
}

// Sizes bounds the texts of a run's events, in bytes.
type Sizes struct {
	Least, Most int
}

// alphabet has 64 letters, none of which JSON escapes.
const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"

// Text is what an event says: a function of the run's seed and the event's id,
// so that whoever receives it knows what it has to be. Short texts are as
// likely as long ones of twice, four times, eight times their length.
func Text(seed uint64, id ID, sizes Sizes) string {
	random := rand.New(rand.NewPCG(seed, uint64(id.Process)<<40|uint64(id.Worker)<<32|uint64(id.Number)))
	n := logarithmic(random, sizes.Least, sizes.Most)
	text := make([]byte, n)
	var bits uint64
	for i := range text {
		if i%10 == 0 {
			bits = random.Uint64()
		}
		text[i] = alphabet[bits%64]
		bits /= 64
	}
	return string(text)
}

// logarithmic returns a number from least to most, each order of magnitude
// being as likely as the others.
func logarithmic(random *rand.Rand, least, most int) int {
	low, high := math.Log(float64(least)), math.Log(float64(most)+1)
	return min(max(int(math.Exp(low+random.Float64()*(high-low))), least), most)
}
