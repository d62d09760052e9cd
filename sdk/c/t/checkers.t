# The same tests with a program that AddressSanitizer, UndefinedBehaviorSanitizer, ThreadSanitizer and valgrind watch: none of them has anything to say.
use strict;
use warnings;
use Test::More;
use File::Temp ();
use FindBin;
use lib "$FindBin::Bin/lib";
use Player;

plan skip_all => 'the program is watched already' if $ENV{C_SDK_WRAPPER};
my $dir = File::Temp->newdir;

sub quietly { my ($log, @command) = @_; return system('sh', '-c', '"$@" >>"$0" 2>&1 </dev/null', "$dir/$log", @command) == 0 }
sub content { local (@ARGV, $/) = @_; return @ARGV ? join '', <> : '' }
sub has { my ($program) = @_; return quietly('has.log', 'sh', '-c', 'command -v "$0"', $program) }

# Whether a program that is built so runs here: some kernels place memory where an older ThreadSanitizer does not bear it.
sub can_sanitize {
    my ($kind) = @_;
    open my $out, '>', "$dir/probe.c" or die $!;
    print $out "int main(void) { return 0; }\n";
    close $out;
    return quietly('probe.log', 'cc', "-fsanitize=$kind", '-o', "$dir/probe", "$dir/probe.c") && quietly('probe.log', "$dir/probe");
}

# Runs tests with more environment; what the checkers write goes to files "report.<pid>". A warning of LeakSanitizer that it may err is not a finding.
sub nothing_found {
    my ($environment, @tests) = @_;
    for my $test (@tests) {
        local %ENV = (%ENV, %$environment);
        ok quietly("$test.log", 'prove', '-v', "$FindBin::Bin/$test.t"), "$test.t" or diag content("$dir/$test.log");
    }
    my @findings = grep {/ERROR|WARNING|runtime error|SUMMARY|^==\d+== \S/m} map { content($_) } glob "$dir/report.*";
    is_deeply \@findings, [], 'nothing found';
    unlink glob "$dir/report.*";
    return;
}

sub sanitized {
    my ($kind, $environment, @tests) = @_;
    subtest "-fsanitize=$kind" => sub {
        plan skip_all => 'no cmake' if !has('cmake');
        plan skip_all => "no -fsanitize=$kind here" if !can_sanitize($kind);
        (my $build = "$Player::build/$kind") =~ tr/,/-/;
        ok quietly('build.log', 'cmake', '-S', "$FindBin::Bin/..", '-B', $build, "-DSANITIZE=$kind") && quietly('build.log', 'cmake', '--build', $build), 'built'
            or return diag content("$dir/build.log");
        nothing_found({ C_SDK_BUILD => $build, %$environment }, @tests);
    };
    return;
}

sanitized('address,undefined', { ASAN_OPTIONS => "log_path=$dir/report", UBSAN_OPTIONS => "print_stacktrace=1:log_path=$dir/report" },
    qw(messages sessions spool manners));
# ThreadSanitizer ends a forked child that starts a thread under the number of one that its parent had.
sanitized('thread', { TSAN_OPTIONS => "die_after_fork=0:log_path=$dir/report", C_SDK_NO_FORK => 1 }, qw(messages sessions spool manners));

# A thread that still looks up a name when the process ends has its thread-local storage: "possibly lost", and not.
subtest 'valgrind' => sub {
    plan skip_all => 'no valgrind' if !has('valgrind');
    nothing_found({ C_SDK_BUILD => $Player::build, C_SDK_WRAPPER => "valgrind -q --leak-check=full --show-leak-kinds=definite --errors-for-leak-kinds=definite --error-exitcode=99 --log-file=$dir/report.%p" },
        qw(messages sessions));
};
done_testing;
