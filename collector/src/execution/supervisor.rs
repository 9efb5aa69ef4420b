//! The process in between: starts one program, watches it, ends all that it started, and reports.
//!
//! It has one thread. Its standard input says what to do and is then the [leash](super::Leash); its
//! report goes to standard output. Neither reaches the program, and nothing else does that could be
//! forged: where the program is confined, this process is confined with it, as the same user.

use std::ffi::{CString, OsString};
use std::fs::{File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd, RawFd};
use std::os::unix::ffi::OsStrExt;
use std::time::{Duration, Instant};

use super::disk_watch::DiskWatch;
use super::limits::{Limit, Limits};
use super::perf_events::Counting;
use super::secrets::hide_this_process;
use super::supervision::Supervision;
use super::waiting::wait;
use super::{Ending, Execution, ExecutionReport, descendants};

/// `ADDR_NO_RANDOMIZE`.
const FIXED_ADDRESSES: libc::c_ulong = 0x004_0000;

/// How often what no limit of the kernel's holds is looked at, from the start of the program on. A
/// compilation that is shorter is not looked at, and so not disturbed.
const LOOK: Duration = Duration::from_secs(1);

/// Runs a program on Linux, where it can be counted and nothing that it starts gets away.
pub(super) fn run(supervision: &Supervision) -> io::Result<ExecutionReport> {
    let execution = &supervision.execution;
    let fixed_addresses = fix_addresses();
    become_reaper()?;
    let image = Image::of(execution, supervision.limits)?;
    let output = OpenOptions::new()
        .write(true)
        .truncate(true)
        .open(&execution.output)?;
    let mut started = Started::fork(&image, &output)?;
    let counting = Counting::of(started.process, &supervision.counters);
    // Not before: a counter is opened only for a process that may be looked into, and the child has
    // this from its parent until it becomes the program.
    hide_this_process();
    let mut watch = Watch::of(supervision);
    let before = Instant::now();
    started.release()?;
    let deadline = before + Duration::from_millis(execution.time_limit_ms);
    let watched = watch.until_end(started.process, deadline)?;
    let ended = wait(started.process)?;
    let wall_time = before.elapsed();
    let left_behind = descendants::kill_all();
    let ending = match (started.start_error(), watched) {
        (Some(error), _) => Ending::NotStarted { error },
        (None, Watched::TimedOut) => Ending::TimedOut,
        (None, Watched::CalledOff) => Ending::CalledOff,
        (None, Watched::LimitReached(limit)) => Ending::LimitReached { limit },
        (None, Watched::Ended) => match watch.disk.exceeded_at_end() {
            true => Ending::LimitReached { limit: Limit::Disk },
            false => ended.ending,
        },
    };
    let (counters, not_counted) = counting.finish();
    Ok(ExecutionReport {
        ending,
        wall_time_ns: u64::try_from(wall_time.as_nanos()).unwrap_or(u64::MAX),
        usage: Some(ended.usage),
        counters,
        not_counted,
        fixed_addresses,
        left_behind,
    })
}

/// Asks for the same addresses in every run. Children inherit it. Some sandboxes refuse.
fn fix_addresses() -> bool {
    // SAFETY: `personality` takes a plain number; 0xffffffff asks without changing anything.
    let current = unsafe { libc::personality(0xffff_ffff) };
    let Ok(current) = libc::c_ulong::try_from(current) else {
        return false;
    };
    // SAFETY: as above.
    unsafe { libc::personality(current | FIXED_ADDRESSES) != -1 }
}

/// Makes orphans of the program children of this process.
fn become_reaper() -> io::Result<()> {
    // SAFETY: `prctl` with this option takes plain numbers.
    check(unsafe { libc::prctl(libc::PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) }).map(drop)
}

/// What `execve` wants, made before the fork, since nothing may be allocated after it.
struct Image {
    program: CString,
    arguments: Vec<CString>,
    environment: Vec<CString>,
    directory: CString,
    limits: Vec<(Resource, libc::rlimit)>,
}

/// The type that `setrlimit` wants for a resource, which differs between C libraries.
#[cfg(target_env = "gnu")]
type Resource = libc::__rlimit_resource_t;
#[cfg(not(target_env = "gnu"))]
type Resource = libc::c_int;

/// The limits that the kernel holds.
fn resource_limits(limits: Option<Limits>) -> Vec<(Resource, libc::rlimit)> {
    let limit = |bytes: u64| libc::rlimit {
        rlim_cur: bytes,
        rlim_max: bytes,
    };
    let mut resources = vec![(libc::RLIMIT_CORE, limit(0))];
    if let Some(limits) = limits {
        resources.extend([
            (libc::RLIMIT_DATA, limit(limits.memory_bytes)),
            (libc::RLIMIT_NPROC, limit(limits.processes)),
            (libc::RLIMIT_FSIZE, limit(limits.disk_bytes)),
        ]);
    }
    resources
}

impl Image {
    fn of(execution: &Execution, limits: Option<Limits>) -> io::Result<Self> {
        let text = |text: &OsString| CString::new(text.as_bytes()).map_err(io::Error::other);
        let variable = |(name, value): &(OsString, OsString)| {
            CString::new([name.as_bytes(), b"=", value.as_bytes()].concat())
                .map_err(io::Error::other)
        };
        let program = text(&execution.program)?;
        let mut arguments = vec![program.clone()];
        for argument in &execution.arguments {
            arguments.push(text(argument)?);
        }
        Ok(Self {
            program,
            arguments,
            environment: execution
                .environment
                .iter()
                .map(variable)
                .collect::<Result<_, _>>()?,
            directory: text(&execution.directory)?,
            limits: resource_limits(limits),
        })
    }
}

fn pointers(texts: &[CString]) -> Vec<*const libc::c_char> {
    let texts = texts.iter().map(|text| text.as_ptr());
    texts.chain([std::ptr::null()]).collect()
}

/// A forked child that waits to be released into its program.
struct Started {
    process: libc::pid_t,
    release: File,
    error: File,
}

impl Started {
    fn fork(image: &Image, output: &File) -> io::Result<Self> {
        let (released, release) = pipe()?;
        let (error, complain) = pipe()?;
        let child = Child {
            arguments: pointers(&image.arguments),
            environment: pointers(&image.environment),
            image,
            nothing: File::open("/dev/null")?,
            output: output.as_raw_fd(),
            released: released.as_raw_fd(),
            release: release.as_raw_fd(),
            complain: complain.as_raw_fd(),
        };
        // SAFETY: this process has one thread, and the child calls only functions that are safe
        // after a fork (`Child::run`).
        match check(unsafe { libc::fork() })? {
            0 => child.run(),
            process => {
                // SAFETY: plain numbers. The child does the same; whoever is first, it is done
                // before the program runs.
                unsafe { libc::setpgid(process, process) };
                Ok(Self {
                    process,
                    release: release.into(),
                    error: error.into(),
                })
            }
        }
    }

    fn release(&mut self) -> io::Result<()> {
        self.release.write_all(b"x")
    }

    /// The error for which the program could not be started, if it could not. The pipe is closed by
    /// a successful `exec`.
    fn start_error(&mut self) -> Option<i32> {
        let mut bytes = [0; 4];
        self.error.read_exact(&mut bytes).ok()?;
        Some(i32::from_ne_bytes(bytes))
    }
}

/// What the forked child needs, all of it made before.
struct Child<'a> {
    image: &'a Image,
    arguments: Vec<*const libc::c_char>,
    environment: Vec<*const libc::c_char>,
    nothing: File,
    output: RawFd,
    released: RawFd,
    release: RawFd,
    complain: RawFd,
}

impl Child<'_> {
    fn run(&self) -> ! {
        // SAFETY: these are calls of the system on numbers and on memory that `self` owns, and
        // none allocates or takes a lock. The pointer lists end with null.
        unsafe {
            libc::setpgid(0, 0);
            // If this supervisor is killed, nobody is left to watch the program.
            libc::prctl(libc::PR_SET_PDEATHSIG, libc::SIGKILL, 0, 0, 0);
            // Rust ignores SIGPIPE, and a program inherits that.
            libc::signal(libc::SIGPIPE, libc::SIG_DFL);
            let mut limited = true;
            for (resource, limit) in &self.image.limits {
                limited &= libc::setrlimit(*resource, limit) == 0;
            }
            // What whoever started the collector left open is not for the program. A kernel before
            // 5.11 refuses, and it stays as it was.
            libc::syscall(
                libc::SYS_close_range,
                3_u32,
                u32::MAX,
                libc::CLOSE_RANGE_CLOEXEC,
            );
            libc::close(self.release);
            let mut byte = [0_u8; 1];
            let granted = libc::read(self.released, byte.as_mut_ptr().cast(), 1) == 1;
            if granted
                && limited
                && libc::chdir(self.image.directory.as_ptr()) == 0
                && libc::dup2(self.nothing.as_raw_fd(), 0) >= 0
                && libc::dup2(self.output, 1) >= 0
                && libc::dup2(self.output, 2) >= 0
            {
                libc::execve(
                    self.image.program.as_ptr(),
                    self.arguments.as_ptr(),
                    self.environment.as_ptr(),
                );
            }
            let error = (*libc::__errno_location()).to_ne_bytes();
            libc::write(self.complain, error.as_ptr().cast(), error.len());
            libc::_exit(127)
        }
    }
}

fn pipe() -> io::Result<(OwnedFd, OwnedFd)> {
    let mut ends = [0; 2];
    // SAFETY: `ends` has room for the two descriptors.
    check(unsafe { libc::pipe2(ends.as_mut_ptr(), libc::O_CLOEXEC) })?;
    // SAFETY: the kernel has just made both, and nobody else knows of them.
    Ok(unsafe { (OwnedFd::from_raw_fd(ends[0]), OwnedFd::from_raw_fd(ends[1])) })
}

#[derive(Debug, Clone, Copy)]
enum Watched {
    Ended,
    TimedOut,
    CalledOff,
    LimitReached(Limit),
}

/// What a program is watched for.
struct Watch {
    limits: Option<Limits>,
    has_own_processes: bool,
    disk: DiskWatch,
}

impl Watch {
    fn of(supervision: &Supervision) -> Self {
        let folders = supervision.disk_folders.clone();
        Self {
            limits: supervision.limits,
            has_own_processes: supervision.has_own_processes,
            disk: DiskWatch::begin(folders, supervision.limits),
        }
    }

    /// Waits until the program ends, or kills it with all that it started at the deadline, when the
    /// leash is cut, or beyond a limit.
    fn until_end(&mut self, process: libc::pid_t, deadline: Instant) -> io::Result<Watched> {
        let descriptor = process_descriptor(process)?;
        let polled = |fd| libc::pollfd {
            fd,
            events: libc::POLLIN,
            revents: 0,
        };
        let mut polled = [
            polled(descriptor.as_raw_fd()),
            polled(io::stdin().as_raw_fd()),
        ];
        let mut next_look = Instant::now() + LOOK;
        let reason = loop {
            let now = Instant::now();
            if now >= deadline {
                break Watched::TimedOut;
            }
            if self.limits.is_some() && now >= next_look {
                if let Some(limit) = self.look() {
                    break Watched::LimitReached(limit);
                }
                next_look = Instant::now() + LOOK;
            }
            let until = match self.limits {
                Some(_) => deadline.min(next_look),
                None => deadline,
            };
            let left = until.saturating_duration_since(Instant::now());
            // Rounded up, so that the last millisecond is not spent in a loop.
            let left_ms = i32::try_from(left.as_millis().saturating_add(1)).unwrap_or(i32::MAX);
            // SAFETY: `polled` holds two entries.
            let events = unsafe { libc::poll(polled.as_mut_ptr(), 2, left_ms) };
            match check(events) {
                Err(error) if error.kind() != io::ErrorKind::Interrupted => return Err(error),
                Err(_) | Ok(0) => {}
                Ok(_) if polled[0].revents != 0 => return Ok(Watched::Ended),
                Ok(_) => break Watched::CalledOff,
            }
        };
        self.kill(process);
        Ok(reason)
    }

    /// A limit that is exceeded now and that the kernel does not hold.
    fn look(&mut self) -> Option<Limit> {
        let limits = self.limits?;
        let reached = limits.reached_by(descendants::census());
        reached.or_else(|| self.disk.exceeded_now().then_some(Limit::Disk))
    }

    fn kill(&self, process: libc::pid_t) {
        kill_group(process);
        if self.has_own_processes {
            descendants::kill_namespace();
        }
    }
}

fn process_descriptor(process: libc::pid_t) -> io::Result<OwnedFd> {
    // SAFETY: plain numbers.
    let descriptor = unsafe { libc::syscall(libc::SYS_pidfd_open, process, 0) };
    match RawFd::try_from(descriptor) {
        // SAFETY: the kernel has just made it, and nobody else knows of it.
        Ok(descriptor) if descriptor >= 0 => Ok(unsafe { OwnedFd::from_raw_fd(descriptor) }),
        _ => Err(io::Error::last_os_error()),
    }
}

/// Kills a program that was not yet waited for, and its process group.
fn kill_group(process: libc::pid_t) {
    // SAFETY: plain numbers. The group is the program's own.
    unsafe {
        libc::kill(-process, libc::SIGKILL);
        libc::kill(process, libc::SIGKILL);
    }
}

fn check(returned: libc::c_int) -> io::Result<libc::c_int> {
    match returned {
        -1 => Err(io::Error::last_os_error()),
        other => Ok(other),
    }
}
