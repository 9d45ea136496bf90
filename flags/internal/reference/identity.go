package reference

import (
	"crypto/sha1" //nolint:gosec // the server's hash
	"encoding/hex"
	"encoding/json"
	"math/big"
	"reflect"
	"strings"
)

// hash spreads identifiers over 0 to 1: the first 15 hexadecimal digits of a SHA-1, as a share of the largest such
// number. Both are rounded to float64 before they are divided.
func hash(prefix, id, salt string) float64 {
	sum := sha1.Sum([]byte(prefix + id + salt)) //nolint:gosec // the server's hash
	digits := hex.EncodeToString(sum[:])[:15]
	dividend, _ := new(big.Int).SetString(digits, 16)
	divisor, _ := new(big.Int).SetString("fffffffffffffff", 16)
	a, _ := new(big.Float).SetInt(dividend).Float64()
	b, _ := new(big.Float).SetInt(divisor).Float64()
	return a / b
}

// flagHash is the hash for rollouts (no salt) and variants (the salt "variant"). Nobody hashes to 0.
func flagHash(key, id, salt string) float64 {
	if id == "" {
		return 0
	}
	return hash(key+".", id, salt)
}

// holdoutHash is the same for every flag with the holdout.
func holdoutHash(id string) float64 {
	return hash("holdout-", id, "")
}

// transmitted is a text as JSON carries it: a byte that is no UTF-8 becomes the replacement character.
func transmitted(id string) string {
	return string([]rune(id))
}

// distinct is a distinct id as the server hashes it: the first 200 characters of one that has more than 200 bytes.
func distinct(id string) string {
	id = transmitted(id)
	if characters := []rune(id); len(id) > 200 && len(characters) > 200 {
		return string(characters[:200])
	}
	return id
}

// groupKey is the text of a group's key. Strings and numbers are keys, nothing else is.
func groupKey(key any) (string, bool) {
	if text, ok := key.(string); ok {
		return transmitted(text), text != ""
	}
	if literal, ok := key.(json.Number); ok {
		return literal.String(), literal != ""
	}
	kind := reflect.ValueOf(key).Kind()
	if kind < reflect.Int || kind > reflect.Float64 || kind == reflect.Uintptr {
		return "", false
	}
	text, err := json.Marshal(key)
	return strings.TrimSpace(string(text)), err == nil
}
