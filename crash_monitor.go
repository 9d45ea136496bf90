package posthog

import (
	"encoding/json"
	"os"
	"sync/atomic"
	"time"

	"github.com/hedgerow/posthog/internal/crash/monitor"
)

// monitorEnv marks a process that was started as a monitor. Only
// RunCrashMonitorIfChild looks at it.
const monitorEnv = "POSTHOG_CRASH_MONITOR"

// monitorArgument is the only argument of a monitor, for people who list processes.
const monitorArgument = "crash-monitor"

// guardFile is the descriptor with which a monitor holds the lock of the crash file
// of the process that it watches. A process that is started anew at once would
// take the file for one that nobody will write to any more.
const guardFile = 3

// deathTimeout bounds the report of another process's end.
const deathTimeout = 5 * time.Second

// monitorMain is what main said when it called RunCrashMonitorIfChild, nil
// if it did not. It is a global because main says so before there is a client.
var monitorMain atomic.Pointer[monitorSetup]

// monitorSetup is what main said of monitors. A program that says nothing does not
// even contain what starts one.
type monitorSetup struct {
	start      func(guard *os.File) (pipe *os.File, process *os.Process, err error)
	configures bool // what the monitor does to its configuration
}

// RunCrashMonitorIfChild makes [CrashConfig.Monitor] possible. It must be the
// first statement of main:
//
//	func main() {
//		posthog.RunCrashMonitorIfChild()
//		…
//	}
//
// In a process that a client started as its monitor, which is the same program
// once more, it waits for the end of the process that started it, reports that
// if there is something to report, and exits: it does not return. In any other
// process it returns at once. The functions of package init run in both.
//
// A monitor sends with the configuration of the client that started it, as far as
// that can be written down: functions, hooks, and a Transport cannot. They are
// what configure is for, which runs in the monitor alone, before it sends:
//
//	posthog.RunCrashMonitorIfChild(func(config *posthog.Config) {
//		config.Hooks = hooks
//	})
//
// A client with Hooks, a BeforeSend or a Transport has no monitor without it, for
// it would send what they are there to hold back.
func RunCrashMonitorIfChild(configure ...func(*Config)) {
	monitorMain.Store(&monitorSetup{start: startMonitorProcess, configures: len(configure) > 0})
	if takeMark(monitorEnv) == "" {
		return
	}
	if info, err := os.Stdin.Stat(); err == nil && info.Mode()&os.ModeNamedPipe != 0 {
		watchParent(configure)
	} else if len(os.Args) != 2 || os.Args[1] != monitorArgument {
		return // somebody set the variable who is none of our clients
	}
	// A monitor whose standard input a package init has replaced ends here: as a second
	// copy of the program, it would start a monitor of its own, and that another one.
	os.Exit(0) //nolint:forbidigo // it is the monitor's own process
}

// watchParent reports the end of the process at the other end of standard input.
func watchParent(configure []func(*Config)) {
	outliveGroup()
	guard := os.NewFile(guardFile, "lock of the crash file")
	defer func() { _ = guard.Close() }() // unless it is that of what the process left
	dropInherited()
	words := monitor.Read(os.Stdin)
	if words.Hello == nil || words.Closed && len(words.Text) == 0 {
		return
	}
	var orders monitorOrders
	if json.Unmarshal(words.Hello.Orders, &orders) != nil {
		return // no client of this version wrote that
	}
	inTime(func() {
		d := death{words: words, guard: guard}
		d.claim()
		defer d.left.Keep()
		d.report(orders.Key, func() Config {
			config := orders.config()
			for _, f := range configure {
				f(&config)
			}
			return config
		})
	})
}

// monitorOrders are what a monitor has to know to send, which it is told through
// its pipe alone.
type monitorOrders struct {
	Key                string          `json:"key"`
	Endpoint           string          `json:"endpoint"`
	Compression        CompressionMode `json:"compression,omitempty"`
	CaptureMode        CaptureMode     `json:"capture_mode,omitempty"`
	MaxEventBytes      int             `json:"max_event_bytes,omitempty"`
	BatchUploadTimeout time.Duration   `json:"upload_timeout,omitempty"`
	ShutdownTimeout    time.Duration   `json:"shutdown_timeout,omitempty"`
	ReportAbruptExit   bool            `json:"abrupt,omitempty"`
	ProjectRoot        string          `json:"project_root,omitempty"`
	MaxFrames          int             `json:"max_frames,omitempty"`
	InAppInclude       []string        `json:"in_app,omitempty"`
	InAppExclude       []string        `json:"not_in_app,omitempty"`
	AbsolutePaths      bool            `json:"absolute_paths,omitempty"`
	GroupByMessages    bool            `json:"group_by_messages,omitempty"`
	SourceContext      bool            `json:"source_context,omitempty"`
	NearestLinesFirst  bool            `json:"nearest_first,omitempty"`
}

// monitorOrders returns the orders for the client's monitor.
func (c *ServerClient) monitorOrders() monitorOrders {
	config, tracking := &c.config, &c.config.ErrorTracking
	return monitorOrders{
		Key:                c.apiKey,
		Endpoint:           config.Endpoint,
		Compression:        config.Compression,
		CaptureMode:        config.CaptureMode,
		MaxEventBytes:      config.MaxEventBytes,
		BatchUploadTimeout: config.BatchUploadTimeout,
		ShutdownTimeout:    config.ShutdownTimeout,
		ReportAbruptExit:   config.Crash.ReportAbruptExit,
		ProjectRoot:        config.ProjectRoot,
		MaxFrames:          tracking.MaxFrames,
		InAppInclude:       tracking.InAppInclude,
		InAppExclude:       tracking.InAppExclude,
		AbsolutePaths:      tracking.AbsolutePaths,
		GroupByMessages:    tracking.GroupByMessages,
		SourceContext:      tracking.SourceContext,
		NearestLinesFirst:  tracking.NearestLinesFirst,
	}
}

// config is the configuration that the orders ask for.
func (o *monitorOrders) config() Config {
	return Config{
		Endpoint:           o.Endpoint,
		Compression:        o.Compression,
		CaptureMode:        o.CaptureMode,
		MaxEventBytes:      o.MaxEventBytes,
		BatchUploadTimeout: o.BatchUploadTimeout,
		ShutdownTimeout:    o.ShutdownTimeout,
		Crash:              CrashConfig{ReportAbruptExit: o.ReportAbruptExit},
		ProjectRoot:        o.ProjectRoot,
		Logger:             mute(),
		ErrorTracking: ErrorTrackingConfig{
			MaxFrames:         o.MaxFrames,
			InAppInclude:      o.InAppInclude,
			InAppExclude:      o.InAppExclude,
			AbsolutePaths:     o.AbsolutePaths,
			GroupByMessages:   o.GroupByMessages,
			SourceContext:     o.SourceContext,
			NearestLinesFirst: o.NearestLinesFirst,
		},
	}
}
