package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"

	p "github.com/pulumi/pulumi-go-provider"
	"github.com/pulumi/pulumi-go-provider/infer"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
)

// commands returns the lab's stand-in for the command plugin, which no Go module has: commands on this machine.
func commands() p.Provider {
	return infer.Provider(infer.Options{
		Resources: []infer.InferredResource{infer.Resource(&command{})},
		Functions: []infer.InferredFunction{infer.Function(&run{})},
	})
}

// how says in which surroundings a command runs.
type how struct {
	Interpreter            []string          `pulumi:"interpreter,optional"`
	Dir                    *string           `pulumi:"dir,optional"`
	Environment            map[string]string `pulumi:"environment,optional"`
	Stdin                  *string           `pulumi:"stdin,optional"`
	Logging                *string           `pulumi:"logging,optional"` // accepted, and of no effect
	AddPreviousOutputInEnv *bool             `pulumi:"addPreviousOutputInEnv,optional"`
}

// printed is what a command has printed, each without its last line break.
type printed struct {
	Stdout string `pulumi:"stdout"`
	Stderr string `pulumi:"stderr"`
}

type commandArgs struct {
	how
	Create   *string `pulumi:"create,optional"`
	Update   *string `pulumi:"update,optional"`
	Delete   *string `pulumi:"delete,optional"`
	Triggers []any   `pulumi:"triggers,optional"` // the SDK asks the engine to replace the resource for them
}

type commandState struct {
	commandArgs
	printed
}

// command is `command:local:Command`.
type command struct{}

func (c *command) Annotate(a infer.Annotator) { a.SetToken("local", "Command") }

func (*command) Create(
	ctx context.Context, request infer.CreateRequest[commandArgs],
) (infer.CreateResponse[commandState], error) {
	state := commandState{commandArgs: request.Inputs}
	id, err := resource.NewUniqueHex(request.Name, 8, 0)
	if err == nil && !request.DryRun {
		state.printed, err = state.run(ctx, state.Create, printed{})
	}
	return infer.CreateResponse[commandState]{ID: id, Output: state}, err
}

func (*command) Update(
	ctx context.Context, request infer.UpdateRequest[commandArgs, commandState],
) (infer.UpdateResponse[commandState], error) {
	state := commandState{request.Inputs, request.State.printed}
	line := state.Update
	if line == nil {
		line = state.Create
	}
	var err error
	if !request.DryRun {
		state.printed, err = state.run(ctx, line, state.printed)
	}
	return infer.UpdateResponse[commandState]{Output: state}, err
}

func (*command) Delete(
	ctx context.Context, request infer.DeleteRequest[commandState],
) (infer.DeleteResponse, error) {
	_, err := request.State.run(ctx, request.State.Delete, request.State.printed)
	return infer.DeleteResponse{}, err
}

type runArgs struct {
	how
	Command string `pulumi:"command"`
}

type runState struct {
	runArgs
	printed
}

// run is `command:local:run`, which runs in every preview too.
type run struct{}

func (r *run) Annotate(a infer.Annotator) { a.SetToken("local", "run") }

func (*run) Invoke(ctx context.Context, request infer.FunctionRequest[runArgs]) (infer.FunctionResponse[runState], error) {
	output, err := request.Input.run(ctx, &request.Input.Command, printed{})
	return infer.FunctionResponse[runState]{Output: runState{request.Input, output}}, err
}

// run runs the line, if there is one, and returns what it prints; before is what the line before it has printed.
func (h how) run(ctx context.Context, line *string, before printed) (printed, error) {
	if line == nil {
		return before, nil
	}
	interpreter := h.Interpreter
	if len(interpreter) == 0 {
		interpreter = []string{"/bin/sh", "-c"}
	}
	process := exec.CommandContext(ctx, interpreter[0], append(interpreter[1:len(interpreter):len(interpreter)], *line)...)
	process.Cancel = func() error { return process.Process.Signal(syscall.SIGTERM) }
	process.Env = os.Environ()
	for name, value := range h.Environment {
		process.Env = append(process.Env, name+"="+value)
	}
	if h.AddPreviousOutputInEnv == nil || *h.AddPreviousOutputInEnv {
		if before.Stdout != "" {
			process.Env = append(process.Env, "PULUMI_COMMAND_STDOUT="+before.Stdout)
		}
		if before.Stderr != "" {
			process.Env = append(process.Env, "PULUMI_COMMAND_STDERR="+before.Stderr)
		}
	}
	if h.Dir != nil {
		process.Dir = *h.Dir
	}
	if h.Stdin != nil {
		process.Stdin = strings.NewReader(*h.Stdin)
	}
	both := transcript{say: p.GetLogger(ctx).InfoStatus}
	var stdout, stderr bytes.Buffer
	process.Stdout = io.MultiWriter(&stdout, &both)
	process.Stderr = io.MultiWriter(&stderr, &both)
	if err := process.Run(); err != nil {
		return printed{}, fmt.Errorf("%w: running %q:\n%s", err, *line, both.text.String())
	}
	return printed{strings.TrimSuffix(stdout.String(), "\n"), strings.TrimSuffix(stderr.String(), "\n")}, nil
}

// transcript is all that a command prints, in the order of its arrival; each piece is shown while it is the last.
type transcript struct {
	lock sync.Mutex
	text bytes.Buffer
	say  func(string)
}

func (t *transcript) Write(piece []byte) (int, error) {
	t.lock.Lock()
	defer t.lock.Unlock()
	t.say(strings.TrimSuffix(string(piece), "\n"))
	return t.text.Write(piece)
}
