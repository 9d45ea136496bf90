package posthogtest

import (
	"bytes"
	"cmp"
	"compress/gzip"
	"encoding/base64"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"unicode/utf8"
)

// decode turns a request into the JSON text it carries and says which
// encodings it undid. The text of a non-empty data parameter wins over the
// body; the compression is named by the query, the form or the header, in
// that order, and gzip is recognised by itself.
func decode(query url.Values, header http.Header, raw []byte, legacy bool, limit int64) (text []byte, encoding string, refused *refusal) {
	payload, hint, refused := source(query, header, raw)
	if refused != nil {
		return nil, "", refused
	}
	if len(payload) == 0 {
		return nil, "", malformed("the request has no payload")
	}
	d := decoder{payload: payload, limit: limit}
	refused = d.undo(hint, legacy)
	encoding = strings.Join(d.undone, ",")
	if refused != nil {
		return nil, encoding, refused
	}
	if !utf8.Valid(d.payload) {
		return nil, encoding, malformed("the payload is not UTF-8 text (compression %q)", hint)
	}
	return d.payload, encoding, nil
}

// source picks the payload and the name of its compression.
func source(query url.Values, header http.Header, raw []byte) (payload []byte, hint string, refused *refusal) {
	payload, hint = raw, query.Get("compression")
	if header.Get("Content-Type") == "application/x-www-form-urlencoded" && query.Get("data") == "" {
		form, err := url.ParseQuery(string(raw))
		if err != nil {
			return nil, "", malformed("the form cannot be parsed: %v", err)
		}
		if len(raw) > 0 && form.Get("data") == "" {
			return nil, "", malformed("the form has no data field; a JSON body needs Content-Type: application/json")
		}
		payload = []byte(strings.ReplaceAll(form.Get("data"), " ", "+"))
		hint = cmp.Or(hint, form.Get("compression"))
	}
	if data := query.Get("data"); data != "" {
		payload = []byte(strings.ReplaceAll(data, " ", "+"))
	}
	return payload, strings.ToLower(cmp.Or(hint, header.Get("Content-Encoding"))), nil
}

// decoder peels encodings off a payload.
type decoder struct {
	payload []byte
	undone  []string
	limit   int64
}

func (d *decoder) undo(hint string, legacy bool) *refusal {
	unwrapped := d.unbase64()
	switch hint {
	case "gzip", "gzip-js":
		if !isGzip(d.payload) {
			return malformed("the request says %s but the payload is not gzip", hint)
		}
	case "lz64", "lz-string":
		return malformed("%s payloads are not supported here: send gzip or plain JSON", hint)
	case "base64", "b64":
		if !unwrapped && !d.decode64() {
			return malformed("the request says %s but the payload is not base64", hint)
		}
	}
	if isGzip(d.payload) {
		if refused := d.gunzip(); refused != nil {
			return refused
		}
	}
	if legacy {
		d.unbase64()
	}
	return nil
}

// probe is how many leading bytes are looked at to recognise base64.
const probe = 128

// unbase64 undoes base64 if the payload looks like it from start to end.
func (d *decoder) unbase64() bool {
	if len(d.payload) == 0 || len(d.payload)%4 != 0 {
		return false
	}
	for _, b := range d.payload[:min(probe, len(d.payload))] {
		letter := 'a' <= b && b <= 'z' || 'A' <= b && b <= 'Z' || '0' <= b && b <= '9'
		if !letter && b != '+' && b != '/' && b != '=' {
			return false
		}
	}
	return d.decode64()
}

func (d *decoder) decode64() bool {
	plain, err := base64.StdEncoding.AppendDecode(nil, d.payload)
	if err != nil {
		return false
	}
	d.payload, d.undone = plain, append(d.undone, "base64")
	return true
}

func isGzip(b []byte) bool { return bytes.HasPrefix(b, []byte{0x1f, 0x8b, 0x08}) }

func (d *decoder) gunzip() *refusal {
	r, err := gzip.NewReader(bytes.NewReader(d.payload))
	if err != nil {
		return malformed("the gzip header is damaged: %v", err)
	}
	plain, err := readLimited(r, d.limit, -1)
	switch {
	case errors.Is(err, errOverLimit):
		return tooLarge("the decompressed body is larger than %d bytes", d.limit)
	case err != nil:
		return malformed("the gzip data is damaged: %v", err)
	}
	d.payload, d.undone = plain, append(d.undone, "gzip")
	return nil
}
