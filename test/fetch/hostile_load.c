/* A loader in an attacker's hands, linked into a hilf-fetch of its own instead of the real one. The path of the URL says
 * what it does. */
#include "proc/fetch.h"

#include "base/check.h"
#include "os/helper.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#define HOST "127.0.0.3" /* what is allowed */

static int client, dialler;

/* -------------------------------------------------------------------------------------------- packets */

static void send_msg(const struct fetch_msg *msg)
{
	static uint8_t bytes[FETCH_PACKET_MAX + 4];
	helper_send(client, bytes, fetch_msg_write(msg, bytes, sizeof bytes), NULL, 0);
}

static void say(const char *text)
{
	struct fetch_msg msg = {.kind = FETCH_FAILURE, .failure = HILF_E_STOPPED};
	snprintf(msg.text, sizeof msg.text, "%.400s", text);
	send_msg(&msg);
}

static void head(void)
{
	send_msg(&(struct fetch_msg){.kind = FETCH_HEAD, .head = 200});
}

static void body(size_t size)
{
	static const char bytes[FETCH_BODY_MAX] = "x";
	send_msg(&(struct fetch_msg){.kind = FETCH_BODY, .body = {bytes, size}});
}

static void end(uint64_t size)
{
	send_msg(&(struct fetch_msg){.kind = FETCH_END, .end = size});
}

/* What the dialler answers; the connected socket, or -1. */
static int dial(const char *host, uint16_t port, struct fetch_msg *ret_msg)
{
	uint8_t bytes[1000];
	int fds[HELPER_FDS_MAX];
	size_t fd_count = 0;
	struct fetch_msg msg = {.kind = FETCH_DIAL, .dial = {2000, port, {host, strlen(host)}}};
	helper_send(dialler, bytes, fetch_msg_write(&msg, bytes, sizeof bytes), NULL, 0);
	ssize_t size = helper_receive(dialler, bytes, sizeof bytes, fds, &fd_count, 5000);
	*ret_msg = (struct fetch_msg){.text = "the dialler has left"};
	if (size <= 0 || !fetch_msg_read(bytes, (size_t)size, ret_msg))
		return -1;
	return fd_count ? fds[0] : -1;
}

/* ----------------------------------------------------------------------------------------- ways out */

static void open_file(void)
{
	(void)!open("/etc/passwd", O_RDONLY);
}

static void make_file(void)
{
	(void)!open("/tmp/hilf-was-here", O_WRONLY | O_CREAT, 0600);
}

static void run_program(void)
{
	char *const arguments[] = {(char *)"true", NULL};
	execv("/bin/true", arguments);
}

static void make_child(void)
{
	syscall(SYS_clone, SIGCHLD, NULL, NULL, NULL, NULL);
}

static void kill_helper(void)
{
	kill(getppid(), SIGKILL);
}

static void trace_helper(void)
{
	ptrace(PTRACE_ATTACH, getppid(), NULL, NULL);
}

static void make_code(void)
{
	mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
}

static void listen_to_others(void)
{
	listen(client, 1);
}

static void bind_a_port(void)
{
	struct sockaddr_in any = {.sin_family = AF_INET};
	bind(client, (struct sockaddr *)&any, sizeof any);
}

static void make_sockets(void)
{
	static const int families[] = {AF_INET, AF_INET6, AF_UNIX, AF_NETLINK, AF_PACKET, AF_VSOCK};
	for (size_t i = 0; i < COUNT_OF(families); i++)
		if (socket(families[i], SOCK_STREAM, 0) >= 0 ||
			socket(families[i], SOCK_DGRAM, 0) >= 0) {
			say("a socket was made");
			return;
		}
	say("no socket was made");
}

/* What was connected for us, turned to somebody else. */
static void turn_the_socket(uint16_t port)
{
	struct fetch_msg msg;
	struct sockaddr_in elsewhere = {.sin_family = AF_INET, .sin_port = htons(22)}, peer = {0};
	struct sockaddr nobody = {.sa_family = AF_UNSPEC};
	socklen_t size = sizeof peer;
	int fd = dial(HOST, port, &msg);
	inet_pton(AF_INET, "127.0.0.2", &elsewhere.sin_addr);
	connect(fd, &nobody, sizeof nobody);
	connect(fd, (struct sockaddr *)&elsewhere, sizeof elsewhere);
	shutdown(fd, SHUT_RDWR);
	(void)!sendto(fd, "x", 1, MSG_FASTOPEN | MSG_NOSIGNAL, (struct sockaddr *)&elsewhere,
		sizeof elsewhere);
	if (getpeername(fd, (struct sockaddr *)&peer, &size) == 0 && ntohs(peer.sin_port) != port)
		say("the socket leads elsewhere");
	else
		say("the socket leads where it led");
}

static void expect_refusal(const char *host, uint16_t port)
{
	struct fetch_msg msg;
	int fd = dial(host, port, &msg);
	say(fd >= 0 ? "connected" : msg.text);
}

static void dial_too_often(uint16_t port)
{
	struct fetch_msg msg = {0};
	char text[64];
	unsigned count = 0;
	while (count < 100 && dial(HOST, port, &msg) >= 0)
		count++;
	snprintf(text, sizeof text, "%u connections", count);
	say(text);
}

static void send_the_dialler_nonsense(void)
{
	struct fetch_msg msg;
	helper_send(dialler, "nonsense", 8, NULL, 0);
	dial(HOST, 80, &msg);
	say(msg.text);
}

/* ----------------------------------------------------------------------------------------- lies */

static void send_a_descriptor(void)
{
	static uint8_t bytes[100];
	const struct fetch_msg msg = {.kind = FETCH_HEAD, .head = 200};
	int fd = 0;
	helper_send(client, bytes, fetch_msg_write(&msg, bytes, sizeof bytes), &fd, 1);
}

static void lie(const char *how)
{
	if (strcmp(how, "nonsense") == 0)
		helper_send(client, "nonsense", 8, NULL, 0);
	else if (strcmp(how, "empty") == 0)
		helper_send(client, "", 0, NULL, 0);
	else if (strcmp(how, "hello") == 0)
		send_msg(&(struct fetch_msg){.kind = FETCH_HELLO});
	else if (strcmp(how, "body-first") == 0)
		body(1);
	else if (strcmp(how, "end-first") == 0)
		end(0);
	else if (strcmp(how, "late") == 0)
		send_msg(&(struct fetch_msg){.kind = FETCH_REPORT, .report = {.late = 1}});
	head();
	if (strcmp(how, "two-heads") == 0)
		head();
	if (strcmp(how, "too-much") == 0)
		for (int i = 0; i < 1000; i++)
			body(1000);
	body(10);
	end(strcmp(how, "end") == 0 ? 11 : 10);
	if (strcmp(how, "more") == 0)
		for (int i = 0; i < 1000; i++)
			head();
}

static void crash(void)
{
	raise(SIGSEGV);
	__builtin_trap();
}

static void spin(void)
{
	volatile bool on = true;
	while (on)
		;
}

static const struct {
	const char *name;
	void (*act)(void);
} deeds[] = {{"open_file", open_file}, {"make_file", make_file}, {"run_program", run_program},
	{"make_child", make_child}, {"kill_helper", kill_helper}, {"trace_helper", trace_helper},
	{"make_code", make_code}, {"listen_to_others", listen_to_others},
	{"bind_a_port", bind_a_port}, {"make_sockets", make_sockets},
	{"send_the_dialler_nonsense", send_the_dialler_nonsense},
	{"send_a_descriptor", send_a_descriptor}, {"crash", crash}, {"spin", spin}};

static void act(const char *deed, uint16_t port)
{
	for (size_t i = 0; i < COUNT_OF(deeds); i++)
		if (strcmp(deeds[i].name, deed) == 0)
			deeds[i].act();
	if (strncmp(deed, "lie/", 4) == 0)
		lie(deed + 4);
	else if (strncmp(deed, "dial/", 5) == 0)
		expect_refusal(deed + 5, port);
	else if (strcmp(deed, "dial_port_25") == 0)
		expect_refusal("93.184.216.34", 25);
	else if (strcmp(deed, "dial_too_often") == 0)
		dial_too_often(port);
	else if (strcmp(deed, "turn_the_socket") == 0)
		turn_the_socket(port);
}

int fetch_load_serve(int of_client, int of_dialler, X509_STORE *trusted)
{
	static uint8_t packet[FETCH_PACKET_MAX];
	char text[WEB_URL_MAX + 1];
	struct web_url url;
	struct fetch_msg msg;
	(void)trusted;
	client = of_client;
	dialler = of_dialler;
	ssize_t size = helper_receive(client, packet, sizeof packet, NULL, NULL, -1);
	if (size <= 0 || !fetch_msg_read(packet, (size_t)size, &msg) || msg.kind != FETCH_REQUEST)
		return 9;
	snprintf(text, sizeof text, "%.*s", (int)msg.request.url.size, msg.request.url.text);
	if (web_url_read(text, strlen(text), &url, NULL) != 0)
		return 9;
	act(url.target + 1, url.port);
	return 0;
}
