package MonitoringSDK::Files;

# What daemons do to files: they go to another folder, and close their standard
# streams. What is opened next would get the numbers of those, and whatever they
# or their children print all the same would go into it.

use 5.010;
use strict;
use warnings;
use Fcntl qw(F_DUPFD F_SETFD FD_CLOEXEC);
use File::Spec ();

use constant FIRST => 3;

# As it is now. perl -T has doubts about the name of the present folder, but none about files in it.
sub absolute {
    my ($path) = @_;
    my ($absolute) = File::Spec->rel2abs($path) =~ /\A(.*)\z/s;
    return $absolute;
}

# The same handle, or one with another number instead of it; undef and the reason in $! if there is none.
sub above_streams {
    my ($handle) = @_;
    my $number = fileno $handle;
    return $handle if !defined $number || $number >= FIRST;
    my $high = fcntl $handle, F_DUPFD, FIRST or return undef;
    open my $other, '+<&=', $high or return undef;
    fcntl $other, F_SETFD, FD_CLOEXEC;
    close $handle;
    # Where POSIX::close has closed a stream, Perl takes the number for that stream's, and has kept it open.
    if (-e "/proc/self/fd/$number") { require POSIX; POSIX::close($number) }
    return $other;
}

1;
