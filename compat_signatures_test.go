package posthog_test

import (
	"context"
	"log"
	"time"

	"github.com/hedgerow/posthog"
)

// What posthog-go calls by these names has these types. Constructors return a
// *ServerClient, which is assignable to what programs declare.

var (
	_ = func() posthog.Client { return posthog.New("") }
	_ = func() (client posthog.Client, err error) {
		client, err = posthog.NewWithConfig("", posthog.Config{})
		return client, err
	}

	_ func(*log.Logger, bool) posthog.Logger                          = posthog.StdLogger
	_ func(int) *int                                                  = posthog.Ptr[int]
	_ func() posthog.Properties                                       = posthog.NewProperties
	_ func(posthog.Properties, string, any) posthog.Properties        = posthog.Properties.Set
	_ func(posthog.Properties, posthog.Properties) posthog.Properties = posthog.Properties.Merge
	_ func() posthog.Groups                                           = posthog.NewGroups
	_ func(posthog.Groups, string, any) posthog.Groups                = posthog.Groups.Set
	_ func(posthog.Message) posthog.Message                           = posthog.BeforeSendFunc(nil)
	_ func(int, string) *posthog.APIError                             = posthog.NewAPIError
	_ func(time.Time, string, string, string) posthog.Exception       = posthog.NewDefaultException
	_ func() *posthog.Backoff                                         = posthog.DefaultBackoff
	_ func(int) time.Duration                                         = posthog.DefaultBackoff().Duration

	_ map[string]any = posthog.Properties{}
	_ map[string]any = posthog.Groups{}
)

// A Client has these methods, and no other: mocks and decorators of programs
// have them alone.
type clientOfPosthogGo interface {
	Enqueue(posthog.Message) error
	Close() error
	CloseWithContext(context.Context) error
	IsFeatureEnabled(posthog.FeatureFlagPayload) (interface{}, error)
	GetFeatureFlag(posthog.FeatureFlagPayload) (interface{}, error)
	GetFeatureFlagResult(posthog.FeatureFlagPayload) (*posthog.FeatureFlagResult, error)
	GetFeatureFlagPayload(posthog.FeatureFlagPayload) (string, error)
	GetRemoteConfigPayload(string) (string, error)
	GetAllFlags(posthog.FeatureFlagPayloadNoKey) (map[string]interface{}, error)
	EvaluateFlags(posthog.EvaluateFlagsPayload) (*posthog.FeatureFlagEvaluations, error)
	ReloadFeatureFlags() error
}

var (
	_ clientOfPosthogGo                           = posthog.Client(nil)
	_ posthog.Client                              = clientOfPosthogGo(nil)
	_ interface{ Enqueue(posthog.Message) error } = posthog.EnqueueClient(nil)
	_ posthog.EnqueueClient                       = (interface{ Enqueue(posthog.Message) error })(nil)
	_ interface{ Success(posthog.APIMessage) }    = posthog.Callback(nil)
	_ interface {
		Failure(posthog.APIMessage, error)
	} = posthog.Callback(nil)
	_ interface {
		Validate() error
		APIfy() posthog.APIMessage
	} = posthog.Message(nil)
)

// loggerOfPosthogGo is what a program's logger has.
type loggerOfPosthogGo interface {
	Debugf(format string, args ...interface{})
	Logf(format string, args ...interface{})
	Warnf(format string, args ...interface{})
	Errorf(format string, args ...interface{})
}

var (
	_ posthog.Logger    = loggerOfPosthogGo(nil)
	_ loggerOfPosthogGo = posthog.Logger(nil)

	// Each message may be a value and a pointer.
	_ = []posthog.Message{
		posthog.Capture{}, posthog.Identify{}, posthog.Alias{}, posthog.GroupIdentify{}, posthog.Exception{},
		&posthog.Capture{}, &posthog.Identify{}, &posthog.Alias{}, &posthog.GroupIdentify{}, &posthog.Exception{},
	}
	_ = []error{
		posthog.ErrClosed, posthog.ErrTooManyRequests, posthog.ErrMessageTooBig, posthog.ErrNoSecretKey, posthog.ErrNoPersonalAPIKey,
		posthog.ErrNoDistinctID, posthog.ErrQueueFull, posthog.ErrSDKDisabled, posthog.ErrFlagNotFound,
		posthog.ConfigError{}, posthog.FieldError{}, &posthog.APIError{}, &posthog.CaptureEventError{}, &posthog.CaptureRequestError{},
	}
	_ interface{ Unwrap() error } = (*posthog.CaptureRequestError)(nil)
	_ func() bool                 = posthog.Config{}.GetDisableGeoIP
	_ func() bool                 = posthog.Config{}.GetIsServer
	_ func() error                = (&posthog.Config{}).Validate
	_ func() error                = posthog.ExceptionItem{}.Validate
)

// Constants are assignable to what programs declare of them.
var (
	_ string        = posthog.SDKName
	_ string        = posthog.Version
	_ string        = posthog.DefaultEndpoint
	_ time.Duration = posthog.DefaultInterval
	_ time.Duration = posthog.DefaultFeatureFlagsPollingInterval
	_ time.Duration = posthog.DefaultFeatureFlagRequestTimeout
	_ time.Duration = posthog.DefaultBatchUploadTimeout
	_ time.Duration = posthog.DefaultBatchSubmitTimeout
	_ int           = posthog.DefaultBatchSize
	_ int           = posthog.DefaultMaxAttempts
	_ int           = posthog.DefaultMaxEnqueuedRequests
	_ int           = posthog.DefaultMaxQueueSize

	_ = []posthog.CaptureMode{posthog.CaptureModeLegacy, posthog.CaptureModeAnalyticsV1}
	_ = []posthog.CompressionMode{
		posthog.CompressionNone, posthog.CompressionGzip, posthog.CompressionZstd, posthog.CompressionDeflate, posthog.CompressionBrotli,
	}
	_ func() string = posthog.CompressionGzip.String
	_               = []string{
		posthog.FeatureFlagErrorErrorsWhileComputing, posthog.FeatureFlagErrorFlagMissing, posthog.FeatureFlagErrorEvaluationFailed,
		posthog.FeatureFlagErrorQuotaLimited, posthog.FeatureFlagErrorTimeout, posthog.FeatureFlagErrorConnectionError,
		posthog.FeatureFlagErrorUnknownError, posthog.FeatureFlagErrorAPIErrorPrefix,
	}
)
