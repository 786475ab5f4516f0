// SPDX-License-Identifier: GPL-2.0-only
/* Opens, accepts and closes connections over loopback on every CPU, paced or without a pause. */
#include <arpa/inet.h>
#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/*
 * A worker is one process on one CPU that plays both ends: on loopback the kernel does the whole
 * handshake inside connect(). The client closes first and leaves a TIME_WAIT, so a pair of
 * addresses and ports is free again after a second; many servers make enough of them. Servers are
 * 127.1.WORKER.1 and following.
 */
#define SERVERS 16
#define PORT 7000
#define BACKLOG 128
#define WORKERS_MAX 128
#define NS_PER_S 1000000000ull

struct worker {
	uint64_t counted, all; /* connections: in the counted time, and with the warm-up */
	uint8_t apart[48];     /* a cache line for each */
};

struct shared {
	bool counting, stopping; /* written by the parent only */
	struct worker workers[WORKERS_MAX];
};

static volatile struct shared *shared;

static void die(const char *what)
{
	fprintf(stderr, "load: %s: %s\n", what, strerror(errno));
	exit(1);
}

static uint64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * NS_PER_S + (uint64_t)t.tv_nsec;
}

static void sleep_s(double s)
{
	struct timespec t = { (time_t)s, (long)((s - (double)(time_t)s) * NS_PER_S) };

	while (nanosleep(&t, &t) && errno == EINTR)
		;
}

static struct sockaddr_in server_address(int worker, int server)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_port = htons(PORT) };

	a.sin_addr.s_addr = htonl(0x7f010000u | (uint32_t)worker << 8 | (uint32_t)(server + 1));
	return a;
}

static int listen_on(const struct sockaddr_in *a)
{
	int one = 1;
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one)) ||
	    bind(fd, (const struct sockaddr *)a, sizeof(*a)) || listen(fd, BACKLOG))
		die("listen");
	return fd;
}

/* One whole life, in ten transitions. */
static void connect_accept_close(int listener, const struct sockaddr_in *a)
{
	int client = socket(AF_INET, SOCK_STREAM, 0);
	int server;

	if (client < 0 || connect(client, (const struct sockaddr *)a, sizeof(*a)))
		die("connect");
	server = accept4(listener, NULL, NULL, 0);
	if (server < 0)
		die("accept");
	close(client);
	close(server);
}

/* Sleeps until it is time for connection `number`; one that is late is followed at once. */
static void keep_pace(uint64_t begin_ns, uint64_t number, double period_ns)
{
	uint64_t due_ns = begin_ns + (uint64_t)((double)number * period_ns);
	struct timespec t = { (time_t)(due_ns / NS_PER_S), (long)(due_ns % NS_PER_S) };

	while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &t, NULL) == EINTR)
		;
}

/* `period_ns` from one connection to the next; 0: without a pause. */
static void work(int worker, int cpu, double period_ns)
{
	uint64_t begin_ns = now_ns();
	struct sockaddr_in addresses[SERVERS];
	int listeners[SERVERS];
	cpu_set_t cpus;
	unsigned int i;

	CPU_ZERO(&cpus);
	CPU_SET((size_t)cpu, &cpus);
	if (sched_setaffinity(0, sizeof(cpus), &cpus))
		die("sched_setaffinity");
	for (i = 0; i < SERVERS; i++) {
		addresses[i] = server_address(worker, (int)i);
		listeners[i] = listen_on(&addresses[i]);
	}
	for (i = 0; !shared->stopping; i++) {
		if (period_ns > 0)
			keep_pace(begin_ns, i, period_ns);
		connect_accept_close(listeners[i % SERVERS], &addresses[i % SERVERS]);
		shared->workers[worker].all++;
		if (shared->counting)
			shared->workers[worker].counted++;
	}
	exit(0);
}

/* The worker dies with its parent, however that ends. */
static pid_t start_worker(int worker, int cpu, double period_ns)
{
	pid_t parent = getpid();
	pid_t pid = fork();

	if (pid < 0)
		die("fork");
	if (pid)
		return pid;
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) || getppid() != parent)
		exit(1);
	work(worker, cpu, period_ns);
	return 0;
}

/* `rate` connections a second by all of them together; 0: as many as can be. */
static int start_workers(pid_t *pids, double rate)
{
	double period_ns = 0;
	cpu_set_t cpus;
	int count = 0;
	int cpu;

	if (sched_getaffinity(0, sizeof(cpus), &cpus))
		die("sched_getaffinity");
	if (rate > 0)
		period_ns = NS_PER_S * CPU_COUNT(&cpus) / rate;
	for (cpu = 0; cpu < CPU_SETSIZE && count < WORKERS_MAX; cpu++) {
		if (!CPU_ISSET((size_t)cpu, &cpus))
			continue;
		pids[count] = start_worker(count, cpu, period_ns);
		count++;
	}
	return count;
}

/* Processor time that the workers have had. */
static uint64_t cpu_ns(const pid_t *pids, int count)
{
	uint64_t sum_ns = 0;
	struct timespec t;
	clockid_t clock;
	int i;

	for (i = 0; i < count; i++) {
		if (clock_getcpuclockid(pids[i], &clock) || clock_gettime(clock, &t))
			die("clock of a worker");
		sum_ns += (uint64_t)t.tv_sec * NS_PER_S + (uint64_t)t.tv_nsec;
	}
	return sum_ns;
}

/* Prints, of the counted time: connections, ns, ns of processor time; and all connections made. */
int main(int argc, char **argv)
{
	uint64_t begin_ns, elapsed_ns, used_ns, counted = 0, all = 0;
	pid_t pids[WORKERS_MAX];
	int status, failed = 0;
	int count, i;

	if (argc != 3 && argc != 4) {
		fprintf(stderr, "usage: load WARM_UP_SECONDS SECONDS [CONNECTIONS_A_SECOND]\n");
		return 2;
	}
	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1,
		      0);
	if (shared == MAP_FAILED)
		die("mmap");
	count = start_workers(pids, argc == 4 ? strtod(argv[3], NULL) : 0);
	sleep_s(strtod(argv[1], NULL));
	used_ns = cpu_ns(pids, count);
	begin_ns = now_ns();
	shared->counting = true;
	sleep_s(strtod(argv[2], NULL));
	shared->counting = false;
	elapsed_ns = now_ns() - begin_ns;
	used_ns = cpu_ns(pids, count) - used_ns;
	shared->stopping = true;
	for (i = 0; i < count; i++) {
		if (waitpid(pids[i], &status, 0) != pids[i] || status)
			failed = 1;
		counted += shared->workers[i].counted;
		all += shared->workers[i].all;
	}
	printf("%llu %llu %llu %llu\n", (unsigned long long)counted, (unsigned long long)elapsed_ns,
	       (unsigned long long)used_ns, (unsigned long long)all);
	return failed;
}
