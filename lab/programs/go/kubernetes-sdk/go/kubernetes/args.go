// Package kubernetes has what the Kubernetes plugin takes from Pulumi's Go SDK for Kubernetes: a handful of types.
//
// The SDK has a type for every kind of Kubernetes, 25 MB of source, which cost as much processor time as the
// whole rest of the plugin. The plugin needs them for its components (helm.sh/v4, yaml/v2, kustomize/v2) only,
// which the program does not declare.
package kubernetes

import "reflect"

// UntypedArgs are the properties of a resource of any kind.
type UntypedArgs map[string]any

// ElementType returns the type of the properties.
func (UntypedArgs) ElementType() reflect.Type {
	return reflect.TypeOf((*map[string]any)(nil)).Elem()
}
