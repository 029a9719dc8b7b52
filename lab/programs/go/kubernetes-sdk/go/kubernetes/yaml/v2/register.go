// Package v2 stands where the SDK has the resources of its YAML components.
package v2

import (
	"fmt"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// RegisterResource refuses: the lab's plugin has no components.
func RegisterResource(
	_ *pulumi.Context, apiVersion, kind, name string, _ pulumi.Input, _ ...pulumi.ResourceOption,
) (pulumi.CustomResource, error) {
	return nil, fmt.Errorf("%s/%s %s: the Kubernetes plugin that the lab builds has no components", apiVersion, kind, name)
}
