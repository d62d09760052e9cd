# Installed with CMake and found with pkg-config: C++ and the README's program build without a warning, and run.
use strict;
use warnings;
use Test::More;
use File::Temp ();
use FindBin;

delete @ENV{ grep { /^MONITORING_/ } keys %ENV };
my $dir = File::Temp->newdir;
my $sources = "$FindBin::Bin/..";

sub run {
    my ($name, $command) = @_;
    my $said = `{ $command; } 2>&1 </dev/null`;
    ok $? == 0, $name or diag "$command\n$said";
    return $? == 0;
}

plan skip_all => 'no cmake, or no pkg-config' if system 'command -v cmake >/dev/null && command -v pkg-config >/dev/null';
run('installed', "cmake -S '$sources' -B '$dir/build' -DCMAKE_INSTALL_PREFIX='$dir/usr' -DBUILD_TESTING=OFF && cmake --build '$dir/build' --target install")
    or BAIL_OUT('nothing to test');
my ($description) = glob "$dir/usr/lib*/pkgconfig/monitoring.pc $dir/usr/lib/*/pkgconfig/monitoring.pc";
ok $description, 'monitoring.pc is there' or BAIL_OUT('nothing to test');
($ENV{PKG_CONFIG_PATH} = $description) =~ s{/[^/]*\z}{};
($ENV{LD_LIBRARY_PATH} = $ENV{PKG_CONFIG_PATH}) =~ s{/pkgconfig\z}{};
my $strict = '-Wall -Wextra -Wpedantic -Wshadow -Werror';

run('C++', "c++ -std=c++11 $strict -o '$dir/from_cpp' '$sources/t/from_cpp.cpp' \$(pkg-config --cflags --libs monitoring) && '$dir/from_cpp' '$dir/spool'");
my ($file) = glob "$dir/spool/from-cpp-*.ldjson";
ok $file, 'what it said is in the spool';

open my $in, '<', "$sources/README.md" or die $!;
my ($program) = join('', <$in>) =~ /^```c\n(.*?)^```$/ms;
open my $out, '>', "$dir/readme.c" or die $!;
print $out $program;
close $out;
@ENV{qw(MONITORING_PORT MONITORING_SPOOL_DIR)} = (1, "$dir/spool");
run('the README\'s program', "cc -std=c11 $strict -o '$dir/readme' '$dir/readme.c' \$(pkg-config --cflags --libs monitoring) && '$dir/readme'");
run('the same, linked statically with the library',
    "cc -std=c11 $strict -o '$dir/static' '$dir/readme.c' \$(pkg-config --cflags monitoring) '$ENV{LD_LIBRARY_PATH}/libmonitoring.a' -pthread"
        . " && env -u LD_LIBRARY_PATH '$dir/static'");
is scalar(() = glob "$dir/spool/queue-service-*.ldjson"), 2, 'what they said is in the spool';
my %names = map { $_ => 1 } `nm -g --defined-only '$ENV{LD_LIBRARY_PATH}/libmonitoring.a'` =~ /^\w+ \w (\w+)$/mg;
ok $names{monitoring_log_event}, 'the static library has names';
is_deeply [ grep { !/^mon(?:itoring)?_/ } sort keys %names ], [], '... and none that an application could have, too';
done_testing;
