package posthogtest_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/hedgerow/posthog/posthogtest"
)

func TestDefinitionsAreSentToWhoDoesNotHaveThem(t *testing.T) {
	t.Parallel()
	s := posthogtest.NewServer(t, nil)
	s.SetFlag("nav", true)
	poll := func(tags ...string) answer {
		h := bearer("phs_test")
		h["If-None-Match"] = tags
		return call(t, s, http.MethodGet, "/flags/definitions/?token=phc_test", h, "")
	}
	etag := poll().header.Get("ETag")
	strong := strings.TrimPrefix(etag, "W/")
	if strong == etag {
		t.Fatalf("got ETag %q, want a weak one", etag)
	}
	for name, c := range map[string]struct {
		tags   []string
		status int
	}{
		"no tag":          {nil, 200},
		"the weak tag":    {[]string{etag}, 304},
		"the strong tag":  {[]string{strong}, 304},
		"the bare tag":    {[]string{strings.Trim(strong, `"`)}, 304},
		"one of several":  {[]string{`"a", ` + etag}, 304},
		"one of lines":    {[]string{`"a"`, strong}, 304},
		"any":             {[]string{"*"}, 304},
		"another tag":     {[]string{`W/"0123456789abcdef"`}, 200},
		"an empty tag":    {[]string{""}, 200},
		"half of the tag": {[]string{strong[:9]}, 200},
	} {
		got := poll(c.tags...)
		if got.status != c.status || got.header.Get("ETag") != etag || (got.body == "") != (c.status == 304) {
			t.Errorf("%s: got %d with ETag %q and body %q, want %d with %s", name, got.status, got.header.Get("ETag"), got.body, c.status, etag)
		}
	}
	s.SetFlag("nav", false)
	if got := poll(etag); got.status != 200 || got.header.Get("ETag") == etag {
		t.Errorf("after a change: got %d with ETag %q, want 200 with another", got.status, got.header.Get("ETag"))
	}
}

func TestPayloadsThatAreEncryptedAreNotHandedOut(t *testing.T) {
	t.Parallel()
	s := posthogtest.NewServer(t, nil)
	if err := s.LoadFlags(defined(`{"key":"plain","active":true,"filters":{}},{"key":"hidden","active":true,"has_encrypted_payloads":true,"filters":{}}`)); err != nil {
		t.Fatal(err)
	}
	got := call(t, s, http.MethodGet, "/flags/definitions?token=phc_test", bearer("phs_test"), "")
	if !strings.Contains(got.body, "plain") || strings.Contains(got.body, "hidden") {
		t.Errorf("got %s, want the one without encryption", got.body)
	}
}

func TestWhoMayHaveDefinitions(t *testing.T) {
	t.Parallel()
	registered := &posthogtest.Config{SecretKeys: []string{"phs_mine", "phx_mine"}}
	for name, c := range map[string]struct {
		config *posthogtest.Config
		header http.Header
		want   string
	}{
		"any project key":             {nil, bearer("phs_any"), ""},
		"any personal key":            {nil, bearer("phx_any"), ""},
		"the public key":              {nil, bearer("phc_test"), "authentication_failed"},
		"no key":                      {nil, nil, "not_authenticated"},
		"an empty key":                {nil, bearer(""), "not_authenticated"},
		"another scheme":              {nil, http.Header{"Authorization": {"Basic phs_any"}}, "not_authenticated"},
		"the scheme in small letters": {nil, http.Header{"Authorization": {"bearer phs_any"}}, ""},
		"a project key that is known": {registered, bearer("phs_mine"), ""},
		"a person's that is known":    {registered, bearer("phx_mine"), ""},
		"one that is not":             {registered, bearer("phs_any"), "authentication_failed"},
		"where none is known":         {&posthogtest.Config{SecretKeys: []string{}}, bearer("phs_any"), "authentication_failed"},
	} {
		s := posthogtest.NewServer(t, c.config)
		want := 200
		if c.want != "" {
			want = 401
		}
		for _, path := range []string{"/flags/definitions?token=phc_test", "/api/feature_flag/local_evaluation"} {
			if got := call(t, s, http.MethodGet, path, c.header, ""); got.status != want || !strings.Contains(got.body, c.want) {
				t.Errorf("%s, %s: got %d %q, want %d and %q", name, path, got.status, got.body, want, c.want)
			}
		}
		got := call(t, s, http.MethodGet, "/api/projects/@current/feature_flags/nav/remote_config?token=t", c.header, "")
		if unknown := got.status == 401; unknown != (want == 401) || got.body != "" {
			t.Errorf("%s, a remote configuration: got %d %q, want 401: %t", name, got.status, got.body, want == 401)
		}
	}
}
