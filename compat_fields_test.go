package posthog_test

import (
	"net/http"
	"time"

	"github.com/hedgerow/posthog"
)

// The structs of posthog-go, each with all of its fields and their types.

var _ = posthog.Config{
	Endpoint: "", SecretKey: "", PersonalApiKey: "", DisableGeoIP: (*bool)(nil), IsServer: (*bool)(nil), Interval: time.Duration(0),
	DefaultFeatureFlagsPollingInterval: time.Duration(0), FeatureFlagRequestTimeout: time.Duration(0),
	FeatureFlagRequestMaxRetries: (*int)(nil), NextFeatureFlagsPollingTick: (func() time.Duration)(nil),
	FlagDefinitionCacheProvider: posthog.FlagDefinitionCacheProvider(nil), HistoricalMigration: false,
	Transport: http.RoundTripper(nil), Logger: posthog.Logger(nil), DefaultEventProperties: posthog.Properties(nil),
	Callback: posthog.Callback(nil), BeforeSend: posthog.BeforeSendFunc(nil), BatchSize: int(0), MaxQueueSize: int(0), Verbose: false,
	RetryAfter: (func(int) time.Duration)(nil), MaxRetries: (*int)(nil), ShutdownTimeout: time.Duration(0),
	BatchUploadTimeout: time.Duration(0), BatchSubmitTimeout: time.Duration(0), MaxEnqueuedRequests: int(0),
	Compression: posthog.CompressionMode(0), CaptureMode: posthog.CaptureMode(0),
}

var _ = []posthog.Message{
	posthog.Capture{
		Type: "", Uuid: "", DistinctId: "", Event: "", Timestamp: time.Time{}, Properties: posthog.Properties(nil), Groups: posthog.Groups(nil),
		SendFeatureFlags: posthog.SendFeatureFlagsValue(nil), Flags: (*posthog.FeatureFlagEvaluations)(nil), IsServer: false,
	},
	posthog.Identify{
		Type: "", Uuid: "", DistinctId: "", Timestamp: time.Time{}, Properties: posthog.Properties(nil), DisableGeoIP: false, IsServer: false,
	},
	posthog.Alias{Type: "", Uuid: "", Alias: "", DistinctId: "", Timestamp: time.Time{}, DisableGeoIP: false, IsServer: false},
	posthog.GroupIdentify{
		Type: "", Key: "", Uuid: "", DistinctId: "", Timestamp: time.Time{}, Properties: posthog.Properties(nil), DisableGeoIP: false, IsServer: false,
	},
	posthog.Exception{
		Type: "", Uuid: "", DistinctId: "", DebugImages: []posthog.DebugImage(nil), Timestamp: time.Time{}, Properties: posthog.Properties(nil),
		DisableGeoIP: false, IsServer: false, ExceptionList: []posthog.ExceptionItem(nil), ExceptionFingerprint: (*string)(nil),
	},
}

var (
	_ = posthog.ExceptionItem{Type: "", Value: "", Mechanism: (*posthog.ExceptionMechanism)(nil), Stacktrace: (*posthog.ExceptionStacktrace)(nil)}
	_ = posthog.ExceptionMechanism{Handled: (*bool)(nil), Synthetic: (*bool)(nil)}
	_ = posthog.ExceptionStacktrace{Type: "", Frames: []posthog.StackFrame(nil)}
	_ = posthog.StackFrame{
		Filename: "", LineNo: int(0), Function: "", InApp: false, Synthetic: false, Platform: "", Lang: "", InstructionAddr: "", SymbolAddr: "",
		ImageAddr: "", ClientResolved: false, Inline: false,
	}
	_ = posthog.DebugImage{
		Type: "", DebugID: "", CodeID: "", ImageAddr: "", ImageSize: uint64(0), ImageVmaddr: "", CodeFile: "", Arch: "",
	}
	_ = posthog.ConfigError{Reason: "", Field: "", Value: any(nil)}
	_ = posthog.FieldError{Type: "", Name: "", Value: any(nil)}
	_ = posthog.APIError{StatusCode: int(0), Message: ""}
	_ = posthog.CaptureEventError{EventUUID: "", Result: "", Details: "", Exhausted: false}
	_ = posthog.CaptureRequestError{StatusCode: int(0), Code: "", Description: "", Endpoint: "", Err: error(nil)}
)
