import { readFileSync } from 'node:fs'

/**
 * Perl that starts `sleep` and keeps it from ending, as a debugger can: killed, it stops where it would be gone. What keeps it has an
 * environment of its own, so nobody takes it for a process of whoever started it. Linux only; the argument is the file that gets the pids of both.
 */
const perl = `my $sleep = fork() // die; exec 'sleep', '600' if !$sleep;
%ENV = (PATH => $ENV{PATH}, PIDS => $ARGV[0], SLEEP => $sleep); exec $^X, '-e', <<'KEEPER';
chomp(my $arch = \`uname -m\`); my ($ptrace, $seize, $traceexit) = ($arch eq 'x86_64' ? 101 : 117, 0x4206, 0x40);
syscall($ptrace, $seize, 0 + $ENV{SLEEP}, 0, $traceexit) == 0 or die "ptrace: $!";
open(my $pids, '>', "$ENV{PIDS}.new"); print $pids "$ENV{SLEEP} $$"; close $pids; rename "$ENV{PIDS}.new", $ENV{PIDS}; sleep 600;
KEEPER
`

/** A shell command that leaves a process behind that cannot be ended, and returns once `pids`, a file of absolute path, says which. */
export function leaveUnkillable(pids: string): string {
  return `setsid perl -e '${perl.replaceAll("'", String.raw`'\''`)}' '${pids}' > /dev/null 2>&1 & until [ -e '${pids}' ]; do sleep 0.02; done`
}

/** What was left behind: its pid, and what lets it go. */
export function readUnkillable(pids: string): { readonly pid: number; readonly letGo: () => void } {
  const [pid = 0, keeper = 0] = readFileSync(pids, 'utf8').split(' ').map(Number)
  return { pid, letGo: () => void process.kill(keeper, 'SIGKILL') }
}
