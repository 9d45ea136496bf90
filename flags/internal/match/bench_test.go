package match_test

import (
	"strings"
	"testing"

	"github.com/hedgerow/posthog/flags/internal/match"
)

func BenchmarkText(b *testing.B) {
	for name, test := range tests(b) {
		for shape, property := range map[string]any{"string": "Professional", "address": "ada.lovelace@example.org", "int": 123456} {
			b.Run(name+"/"+shape, func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					test.Match(match.ValueOf(property), noon)
				}
			})
		}
	}
}

func BenchmarkMegabyte(b *testing.B) {
	value := match.ValueOf(strings.Repeat("ada.lovelace ", 1<<20/13))
	for name, test := range tests(b) {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(1 << 20)
			for b.Loop() {
				test.Match(value, noon)
			}
		})
	}
}

func BenchmarkCompile(b *testing.B) {
	for operator, operand := range map[string]string{
		"exact": `["free","basic","professional"]`, "icontains": `"@example.org"`, "regex": `"^[a-z]+@example\\.(com|org)$"`, "gt": `"5"`,
	} {
		b.Run(operator, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				compile(operator, operand, match.Options{})
			}
		})
	}
}
