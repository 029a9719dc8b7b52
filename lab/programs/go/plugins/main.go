// Command plugins is Pulumi's Kubernetes plugin, the real one, and the lab's stand-in for the command plugin, in
// one file. The name by which the engine calls it says which of them it is; the folder in which the engine keeps
// it, `resource-kubernetes-v4.34.2`, says for which version it stands: the engine warns of any other.
package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/pulumi/pulumi-kubernetes/provider/v4/pkg/provider"
)

func main() {
	folder, program := filepath.Split(os.Args[0])
	_, version, _ := strings.Cut(filepath.Base(folder), "-v")
	var err error
	switch name := strings.TrimPrefix(program, "pulumi-resource-"); name {
	case "kubernetes":
		// Without its schema the plugin loses fields of what it imports.
		var schema []byte
		if schema, err = os.ReadFile(filepath.Join(folder, "schema.json")); err == nil {
			provider.Serve(name, version, schema, []byte("{}"))
		}
	case "command":
		err = commands().Run(context.Background(), name, version)
	default:
		err = fmt.Errorf("%s: the lab has no such plugin", program)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
