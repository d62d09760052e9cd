package Player;

# The program `player` of the build folder (C_SDK_BUILD, else sdk/c/build), driven by commands; t/player.c says which. C_SDK_WRAPPER goes before it, as in
# "valgrind -q --error-exitcode=99".

use strict;
use warnings;
use Cwd ();
use File::Basename ();
use IPC::Open2 ();

my $here  = Cwd::abs_path(File::Basename::dirname(__FILE__));
our $build = $ENV{C_SDK_BUILD} // "$here/../../build";
my $wrapper = $ENV{C_SDK_WRAPPER} // '';

sub new {
    my ($class, %options) = @_;
    my $self = bless { owner => $$ }, $class;
    $self->{pid} = IPC::Open2::open2($self->{out}, $self->{in}, "exec $wrapper '$build/player'");
    $self->{in}->autoflush(1);
    $self->say('new', map {"$_=$options{$_}"} sort keys %options) if %options;
    return $self;
}

sub say {
    my ($self, @parts) = @_;
    $self->send(@parts);
    my $answer = readline $self->{out};
    chomp $answer if defined $answer;
    return $answer;
}

sub send {
    my ($self, @parts) = @_;
    for (@parts) { $_ = 'NULL' if !defined; s/([\\\t\n\x00-\x1f])/sprintf '\\x%02x', ord $1/ge }
    print { $self->{in} } join("\t", @parts), "\n";
    return;
}

sub stats { my ($self) = @_; return { map { split /=/, $_, 2 } split /\t/, $self->say('stats') } }

# Ends it, and returns its wait status.
sub done {
    my ($self) = @_;
    my $pid = delete $self->{pid} or return;
    local $SIG{PIPE} = 'IGNORE';
    # Not only the end of its input: a hub that was forked later holds that open.
    print { $self->{in} } "quit\n";
    close $self->{in};
    waitpid $pid, 0;
    return $?;
}

sub DESTROY { my ($self) = @_; local ($?, $!); $self->done if $self->{owner} == $$; return }

1;
