package posthog_test

import (
	"os"
	"regexp"
	"strings"
	"testing"
)

// keptNames are the names of posthog-go that programs use. That each has the
// type that they expect of it is up to the compiler, in compat_*_test.go.
const keptNames = `
	New NewWithConfig Client EnqueueClient Message Callback Logger StdLogger BeforeSendFunc Ptr Config
	Capture Identify Alias GroupIdentify Exception Properties NewProperties Groups NewGroups APIMessage
	ErrClosed ErrTooManyRequests ErrMessageTooBig ErrNoSecretKey ErrNoPersonalAPIKey ErrNoDistinctID
	ErrQueueFull ErrSDKDisabled ErrFlagNotFound ConfigError FieldError APIError NewAPIError CaptureEventError
	CaptureRequestError SDKName Version DefaultEndpoint DefaultInterval DefaultFeatureFlagsPollingInterval
	DefaultFeatureFlagRequestTimeout DefaultBatchSize DefaultMaxAttempts DefaultBatchUploadTimeout
	DefaultBatchSubmitTimeout DefaultMaxEnqueuedRequests DefaultMaxQueueSize CaptureMode CaptureModeLegacy
	CaptureModeAnalyticsV1 CompressionMode CompressionNone CompressionGzip CompressionZstd CompressionDeflate
	CompressionBrotli FeatureFlagErrorErrorsWhileComputing FeatureFlagErrorFlagMissing
	FeatureFlagErrorEvaluationFailed FeatureFlagErrorQuotaLimited FeatureFlagErrorTimeout
	FeatureFlagErrorConnectionError FeatureFlagErrorUnknownError FeatureFlagErrorAPIErrorPrefix
	FeatureFlagPayload FeatureFlagPayloadNoKey EvaluateFlagsPayload FeatureFlagResult FeatureFlagEvaluations
	EvaluateFlagsWithContext SendFeatureFlagsValue SendFeatureFlagsBool SendFeatureFlagsOptions SendFeatureFlags
	SendFeatureFlagsWithOptions FlagDefinitionCacheProvider RequestContext WithRequestContext
	WithFreshRequestContext RequestContextFromContext ExtractRequestContext EnqueueWithContext
	NewRequestContextMiddleware RequestContextOption RequestContextOptions WithCapturePanics
	WithCaptureTracingHeaders HeaderPostHogDistinctID HeaderPostHogSessionID NewDefaultException ExceptionItem
	ExceptionMechanism ExceptionStacktrace StackFrame DebugImage DebugImageProvider StackTraceExtractor
	DefaultStackTraceExtractor InAppDecider SimpleInAppDecider NewSlogCaptureHandler SlogCaptureHandler SlogOption
	WithMinCaptureLevel WithDistinctIDFn WithFingerprintFn WithPropertiesFn WithSkip WithStackTraceExtractor
	WithDescriptionExtractor DescriptionExtractor ErrorExtractor SlogAttrsAsProperties Backoff DefaultBackoff`

// The library has every name that programs written for posthog-go use.
func TestEveryNameOfPosthogGoIsThere(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("docs/api/posthog.txt")
	if err != nil {
		t.Fatal(err)
	}
	present := map[string]bool{}
	for _, match := range regexp.MustCompile(`(?m)^(?:const|var|func|type) (\w+)`).FindAllStringSubmatch(string(page), -1) {
		present[match[1]] = true
	}
	for _, name := range strings.Fields(keptNames) {
		if !present[name] {
			t.Errorf("%s is missing", name)
		}
	}
}
