package posthogtest

import (
	"bytes"
	"cmp"
	"encoding/json"
	"mime"
	"net/http"
	"net/url"
	"strings"
)

// maxFlagsBody is the largest body of a question about flags, as received.
const maxFlagsBody = 2 << 20

// openFlags decodes the body of a question about flags.
func (s *Server) openFlags(entry *FlagRequest) *refusal {
	text, encoding, refused := decodeFlags(entry.Query, entry.Header, entry.RawBody, s.config.Limits.Decompressed)
	entry.Encoding = encoding
	if refused != nil {
		return refused
	}
	var body fields
	if json.Unmarshal(text, &body) != nil {
		text = withoutNonFinite(text)
		if err := json.Unmarshal(text, &body); err != nil {
			return malformed("failed to decode request: the body is not a JSON object: %v", err)
		}
	}
	entry.Body = text
	token, ok, err := body.text("token", "api_key", "$token")
	switch {
	case err != nil:
		return malformed("failed to decode request: %v", err)
	case !ok:
		return unauthorized("the request has no project key")
	}
	if entry.Token, refused = checkToken(token); refused != nil {
		return refused
	}
	if err := entry.read(body); err != nil {
		return malformed("failed to decode request: %v", err)
	}
	return nil
}

// decodeFlags turns a request into the JSON text it carries and says which
// encodings it undid.
func decodeFlags(query url.Values, header http.Header, raw []byte, limit int64) (text []byte, encoding string, refused *refusal) {
	d := decoder{payload: raw, limit: limit}
	media := header.Get("Content-Type")
	if name, _, err := mime.ParseMediaType(media); err == nil {
		media = name
	}
	switch media {
	case "", "application/json", "text/plain":
	case "application/x-www-form-urlencoded":
		form, err := url.ParseQuery(string(raw))
		if err != nil || form.Get("data") == "" {
			return nil, "", malformed("failed to decode request: the form has no data field")
		}
		d.payload = []byte(strings.ReplaceAll(form.Get("data"), " ", "+"))
		if !d.decode64() {
			return nil, "", malformed("failed to decode request: the data field is not base64")
		}
	default:
		return nil, "", malformed("unsupported content type: %s", media)
	}
	switch hint := cmp.Or(query.Get("compression"), header.Get("Content-Encoding")); {
	case hint == "":
	case (hint == "gzip" || hint == "gzip-js") && isGzip(d.payload):
	case hint == "base64" && d.decode64():
	case hint == "gzip" || hint == "gzip-js" || hint == "base64":
		return nil, "", malformed("failed to decode request: the body is not %s", hint)
	default:
		return nil, "", malformed("unsupported compression: %s", hint)
	}
	if !bytes.HasPrefix(bytes.TrimSpace(d.payload), []byte("{")) && !isGzip(d.payload) {
		d.decode64() // a last try; what comes of it is judged as JSON
	}
	if isGzip(d.payload) {
		refused = d.gunzip()
	}
	return d.payload, strings.Join(d.undone, ","), refused
}

// withoutNonFinite replaces numbers that JSON does not have by null, outside of
// texts.
func withoutNonFinite(text []byte) []byte {
	out := make([]byte, 0, len(text))
	for inText := false; len(text) > 0; {
		word := 1
		switch {
		case inText && text[0] == '\\':
			word = min(2, len(text))
		case text[0] == '"':
			inText = !inText
		case !inText:
			if n := nonFinite(text); n > 0 {
				out, text = append(out, "null"...), text[n:]
				continue
			}
		}
		out, text = append(out, text[:word]...), text[word:]
	}
	return out
}

// nonFinite is the length of the NaN or the infinity that text begins with, 0
// for none.
func nonFinite(text []byte) int {
	for _, word := range []string{"NaN", "-NaN", "Infinity", "-Infinity", "+Infinity"} {
		if bytes.HasPrefix(text, []byte(word)) {
			return len(word)
		}
	}
	return 0
}
