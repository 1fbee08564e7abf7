/* A planted codec: what an attacker does who has taken over a decoder. A file that begins with the magic names the deed
 * to try; each is tried as machine code would, by bare system calls where a library might be in the way. Linked into a
 * helper of its own, for the tests alone; its registry stands before the real one. */
#include "media/image/codecs.h"
#include "wire/decode_msg.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#define MAGIC    "HOSTILE "
#define FILE_FD  3
#define REPLY_FD 4

static int send_message(const struct decode_msg *msg)
{
	uint8_t bytes[DECODE_MESSAGE_MAX];
	size_t size = decode_msg_write(msg, bytes);
	return write(REPLY_FD, bytes, size) == (ssize_t)size ? 0 : -1;
}

static void send_head(void)
{
	send_message(&(struct decode_msg){.kind = DECODE_HEAD, .head = {IMAGE_PNG, 7, 9, 1}});
}

static int send_picture(uint8_t variant)
{
	struct decode_msg msg = {.kind = DECODE_PICTURE};
	msg.picture.picture.variant = variant;
	msg.picture.picture.quality = 99;
	memset(msg.picture.picture.pdq, 0x5a, sizeof msg.picture.picture.pdq);
	return send_message(&msg);
}

static void send_end(uint8_t count)
{
	send_message(&(struct decode_msg){.kind = DECODE_END, .end = count});
}

static void send_preview(uint16_t width, uint32_t size)
{
	send_message(&(struct decode_msg){
		.kind = DECODE_PREVIEW, .preview = {PREVIEW_PAGE, width, 1, size}});
}

static void send_part(const void *bytes, uint16_t size)
{
	send_message(&(struct decode_msg){.kind = DECODE_PART, .part = {size, bytes}});
}

/* What a JPEG of 2 x 1 needs to be taken for one; of its pixels nothing is said. */
static const uint8_t small_jpeg[] = {0xff, 0xd8, 0xff, 0xc0, 0, 11, 8, 0, 1, 0, 2, 1, 1, 0x11, 0,
	0xff, 0xda, 0, 8, 1, 1, 0, 0, 63, 0, 0xff, 0xd9};

static volatile uintptr_t nowhere = 8;

static void crash(void)
{
	*(volatile int *)nowhere = 1;
}

/* ------------------------------------------------------------------------------------- out of the process */

static void open_file(void)
{
	open("/etc/passwd", O_RDONLY);
}

static void make_file(void)
{
	open("/tmp/hostile", O_WRONLY | O_CREAT, 0600);
}

static void connect_out(void)
{
	struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(80)};
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	connect(fd, (struct sockaddr *)&to, sizeof to);
}

static void run_program(void)
{
	char *const arguments[] = {(char *)"sh", NULL};
	execve("/bin/sh", arguments, arguments);
}

static void make_child(void)
{
	fork();
}

static void make_children(void)
{
	for (;;)
		syscall(SYS_clone, SIGCHLD, NULL, NULL, NULL, NULL);
}

static void *idle(void *argument)
{
	return argument;
}

static void make_thread(void)
{
	pthread_t thread;
	pthread_create(&thread, NULL, idle, NULL);
	pthread_join(thread, NULL);
}

static void kill_helper(void)
{
	kill(getppid(), SIGKILL);
}

static void kill_everybody(void)
{
	syscall(SYS_kill, -1, SIGKILL);
}

static void trace_helper(void)
{
	ptrace(PTRACE_ATTACH, 1, NULL, NULL);
}

static void make_code(void)
{
	mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
}

static void leave_the_wall(void)
{
	syscall(SYS_seccomp, 0, 0, NULL);
}

static void pass_a_descriptor(void)
{
	struct msghdr message = {0};
	sendmsg(REPLY_FD, &message, 0);
}

static void listen_to_hilf(void)
{
	struct msghdr message = {0};
	recvmsg(REPLY_FD, &message, 0);
}

/* ----------------------------------------------------------------------------------------- on the answer */

static void flood(void)
{
	static uint8_t bytes[64 * 1024];
	for (int i = 0; i < 16 * 1024; i++)
		if (write(REPLY_FD, bytes, sizeof bytes) < 0)
			return;
}

static void flood_well_formed(void)
{
	send_head();
	for (int i = 0; i < 4 * 1000 * 1000; i++)
		if (send_picture(0) != 0)
			return;
}

static void send_garbage(void)
{
	static const char bytes[] = "hdm1\xff\xff\xff\xff and so on";
	if (write(REPLY_FD, bytes, sizeof bytes) < 0)
		return;
}

static void send_nothing(void)
{
	_exit(0);
}

static void send_an_empty_packet(void)
{
	if (write(REPLY_FD, "", 0) < 0)
		return;
	_exit(0);
}

static void lie_about_quality(void)
{
	uint8_t bytes[DECODE_MESSAGE_MAX];
	struct decode_msg msg = {.kind = DECODE_PICTURE};
	send_head();
	size_t size = decode_msg_write(&msg, bytes);
	bytes[10] = 200;
	if (write(REPLY_FD, bytes, size) < 0)
		return;
	send_end(1);
	_exit(0);
}

static void lie_about_count(void)
{
	send_head();
	send_picture(0);
	send_end(3);
	_exit(0);
}

static void lie_about_order(void)
{
	send_head();
	send_picture(1);
	send_end(1);
	_exit(0);
}

static void send_two_heads(void)
{
	send_head();
	send_head();
	_exit(0);
}

static void end_without_a_picture(void)
{
	send_head();
	send_end(0);
	_exit(0);
}

static void play_the_helper(void)
{
	send_message(&(struct decode_msg){.kind = DECODE_REPORT});
	send_message(
		&(struct decode_msg){.kind = DECODE_HELLO, .hello = {.version = DECODE_VERSION}});
	_exit(0);
}

static void show_before_the_picture(void)
{
	send_head();
	send_preview(2, sizeof small_jpeg);
	send_part(small_jpeg, sizeof small_jpeg);
	send_picture(0);
	send_end(1);
	_exit(0);
}

static void show_and_end(void)
{
	send_head();
	send_picture(0);
	send_preview(2, sizeof small_jpeg);
	send_part(small_jpeg, 9);
	send_part(small_jpeg + 9, sizeof small_jpeg - 9);
	send_end(1);
	_exit(0);
}

static void show_and_crash(void)
{
	send_head();
	send_picture(0);
	send_preview(2, sizeof small_jpeg);
	send_part(small_jpeg, sizeof small_jpeg);
	send_end(1);
	crash();
}

static void show_too_many(void)
{
	send_head();
	send_picture(0);
	for (int i = 0; i <= (int)PREVIEW_MAX; i++) {
		send_preview(2, sizeof small_jpeg);
		send_part(small_jpeg, sizeof small_jpeg);
	}
	send_end(1);
	_exit(0);
}

static void show_more_than_said(void)
{
	send_head();
	send_picture(0);
	send_preview(2, sizeof small_jpeg - 1);
	send_part(small_jpeg, sizeof small_jpeg);
	send_end(1);
	_exit(0);
}

static void show_less_than_said(void)
{
	send_head();
	send_picture(0);
	send_preview(2, sizeof small_jpeg + 1);
	send_part(small_jpeg, sizeof small_jpeg);
	send_end(1);
	_exit(0);
}

static void show_no_announced_part(void)
{
	send_head();
	send_picture(0);
	send_part(small_jpeg, sizeof small_jpeg);
	send_end(1);
	_exit(0);
}

static void show_a_part_more(void)
{
	send_head();
	send_picture(0);
	send_preview(2, sizeof small_jpeg);
	send_part(small_jpeg, sizeof small_jpeg);
	send_part(small_jpeg, sizeof small_jpeg);
	send_end(1);
	_exit(0);
}

static void show_another_size(void)
{
	send_head();
	send_picture(0);
	send_preview(3, sizeof small_jpeg);
	send_part(small_jpeg, sizeof small_jpeg);
	send_end(1);
	_exit(0);
}

static void show_a_page_of_script(void)
{
	static const char script[] = "<svg onload='alert(1)'/>";
	send_head();
	send_picture(0);
	send_preview(2, sizeof script);
	send_part(script, sizeof script);
	send_end(1);
	_exit(0);
}

static void show_no_end(void)
{
	send_head();
	send_picture(0);
	send_preview(2, sizeof small_jpeg - 2);
	send_part(small_jpeg, sizeof small_jpeg - 2);
	send_end(1);
	_exit(0);
}

static void show_too_large(void)
{
	uint8_t bytes[DECODE_MESSAGE_MAX];
	struct decode_msg msg = {.kind = DECODE_PREVIEW,
		.preview = {PREVIEW_PAGE, PREVIEW_SIDE_MAX, 1, PREVIEW_SIZE_MAX}};
	send_head();
	send_picture(0);
	size_t size = decode_msg_write(&msg, bytes);
	bytes[13] = 1; /* of the size */
	if (write(REPLY_FD, bytes, size) < 0)
		return;
	_exit(0);
}

static void claim_a_timeout(void)
{
	uint8_t bytes[DECODE_MESSAGE_MAX];
	struct decode_msg msg = {.kind = DECODE_FAILURE, .failure = DECODE_CORRUPT, .text = "x"};
	size_t size = decode_msg_write(&msg, bytes);
	bytes[8] = DECODE_CHANGED;
	if (write(REPLY_FD, bytes, size) < 0)
		return;
	_exit(0);
}

static void claim_a_broken_wall(void)
{
	_exit(3);
}

static void answer_and_crash(void)
{
	send_head();
	send_picture(0);
	crash();
}

static void answer_and_fail(void)
{
	send_head();
	send_picture(0);
	send_end(1);
	_exit(1);
}

/* ------------------------------------------------------------------------------------- on time and memory */

static void spin(void)
{
	volatile bool on = true;
	while (on)
		;
}

static void sleep_for_ever(void)
{
	char byte;
	if (read(REPLY_FD, &byte, 1) < 0)
		return;
}

static void take_memory(void)
{
	for (;;) {
		char *piece = malloc(1 << 20);
		if (!piece)
			break;
		memset(piece, 1, 1 << 20);
	}
	crash();
}

/* A condition that no compiler sees through. */
static volatile unsigned depth_max = ~0u;

static unsigned take_stack_to(unsigned depth)
{
	volatile char room[64 * 1024];
	room[depth % sizeof room] = 1;
	return depth == depth_max ? 0 : take_stack_to(depth + 1) + (unsigned)room[0];
}

static void take_stack(void)
{
	depth_max = take_stack_to(0);
}

static void give_up(void)
{
	abort();
}

/* -------------------------------------------------------------------------------------- on the next file */

static void truncate_input(void)
{
	if (ftruncate(FILE_FD, 0) != 0)
		return;
}

/* Everything this process can reach, written over: nobody else may see it. */
static void spoil_memory(void)
{
	static uint8_t own[1 << 16] = {1};
	memset(own, 0xff, sizeof own);
	void *file = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE, FILE_FD, 0);
	if (file != MAP_FAILED)
		memset(file, 0xff, 8);
	lseek(FILE_FD, 5, SEEK_SET);
	if (write(FILE_FD, "spoilt", 6) > 0 ||
		mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, FILE_FD, 0) != MAP_FAILED)
		send_garbage();
	/* The control socket, and whatever else may be open. */
	for (int fd = 5; fd < 1024; fd++)
		if (write(fd, "spoilt", 6) > 0)
			send_garbage();
	_exit(0);
}

static const struct {
	const char *name;
	void (*act)(void);
} deeds[] = {
	{"open_file", open_file},
	{"make_file", make_file},
	{"connect_out", connect_out},
	{"run_program", run_program},
	{"make_child", make_child},
	{"make_children", make_children},
	{"make_thread", make_thread},
	{"kill_helper", kill_helper},
	{"kill_everybody", kill_everybody},
	{"trace_helper", trace_helper},
	{"make_code", make_code},
	{"leave_the_wall", leave_the_wall},
	{"pass_a_descriptor", pass_a_descriptor},
	{"listen_to_hilf", listen_to_hilf},
	{"flood", flood},
	{"flood_well_formed", flood_well_formed},
	{"send_garbage", send_garbage},
	{"send_nothing", send_nothing},
	{"send_an_empty_packet", send_an_empty_packet},
	{"lie_about_quality", lie_about_quality},
	{"lie_about_count", lie_about_count},
	{"lie_about_order", lie_about_order},
	{"send_two_heads", send_two_heads},
	{"end_without_a_picture", end_without_a_picture},
	{"play_the_helper", play_the_helper},
	{"show_before_the_picture", show_before_the_picture},
	{"show_and_end", show_and_end},
	{"show_and_crash", show_and_crash},
	{"show_too_many", show_too_many},
	{"show_more_than_said", show_more_than_said},
	{"show_less_than_said", show_less_than_said},
	{"show_no_announced_part", show_no_announced_part},
	{"show_a_part_more", show_a_part_more},
	{"show_another_size", show_another_size},
	{"show_a_page_of_script", show_a_page_of_script},
	{"show_no_end", show_no_end},
	{"show_too_large", show_too_large},
	{"claim_a_timeout", claim_a_timeout},
	{"claim_a_broken_wall", claim_a_broken_wall},
	{"answer_and_crash", answer_and_crash},
	{"answer_and_fail", answer_and_fail},
	{"spin", spin},
	{"sleep_for_ever", sleep_for_ever},
	{"take_memory", take_memory},
	{"take_stack", take_stack},
	{"crash", crash},
	{"give_up", give_up},
	{"truncate_input", truncate_input},
	{"spoil_memory", spoil_memory},
};

static bool sniff(const uint8_t *data, size_t size)
{
	return size > sizeof MAGIC && memcmp(data, MAGIC, sizeof MAGIC - 1) == 0;
}

static int decode(struct image_job *job)
{
	size_t size = job->size - (sizeof MAGIC - 1);
	for (size_t i = 0; i < sizeof deeds / sizeof *deeds; i++)
		if (strlen(deeds[i].name) == size &&
			memcmp(deeds[i].name, job->data + sizeof MAGIC - 1, size) == 0)
			deeds[i].act();
	return image_fail(job, HILF_E_UNSUPPORTED, "the deed was let pass, or is not known");
}

static const struct image_codec image_hostile = {"hostile", 0, sniff, NULL, decode};

const struct image_codec *const image_codecs[] = {&image_hostile, &image_jpeg, &image_png, NULL};
