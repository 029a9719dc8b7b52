// Package zxcvbn is the meter of `pulumi config set` also for `pulumi env set`, which has a fork of it: at every start
// of Pulumi each of the two reads its own lists, 0.1 s of the processor's time out of 0.2.
package zxcvbn

import original "github.com/nbutton23/zxcvbn-go"

// PasswordStrength tells how hard a text is to guess.
var PasswordStrength = original.PasswordStrength
