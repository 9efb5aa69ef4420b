/* Counts the instructions of a program that QEMU runs in user mode, and writes their number to the
 * file that the option `report` names.
 *
 * Every executed block calls back, and each virtual processor has a counter of its own: QEMU's
 * inline addition loses counts when threads add to one counter at once.
 *
 * QEMU ships no header for its plugins everywhere, so that what is used of the interface (version 1)
 * is declared here. */
#include <fcntl.h>
#include <inttypes.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define EXPORTED __attribute__((visibility("default")))
#define PROCESSORS_MAX 16384
#define NO_REGISTERS 0

typedef uint64_t plugin_id;
struct qemu_plugin_tb;

extern void qemu_plugin_register_vcpu_tb_trans_cb(
    plugin_id, void (*)(plugin_id, struct qemu_plugin_tb *));
extern void qemu_plugin_register_vcpu_tb_exec_cb(
    struct qemu_plugin_tb *, void (*)(unsigned, void *), int, void *);
extern void qemu_plugin_register_atexit_cb(plugin_id, void (*)(plugin_id, void *), void *);
extern size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb *);

EXPORTED int qemu_plugin_version = 1;

/* One cache line each, so that processors do not wait for each other. */
static struct {
    uint64_t count;
    uint64_t padding[7];
} processors[PROCESSORS_MAX];

static char report[4096];

static void executed(unsigned processor, void *instructions)
{
    processors[processor % PROCESSORS_MAX].count += (uintptr_t)instructions;
}

static void translated(plugin_id id, struct qemu_plugin_tb *block)
{
    void *instructions = (void *)(uintptr_t)qemu_plugin_tb_n_insns(block);
    (void)id;
    qemu_plugin_register_vcpu_tb_exec_cb(block, executed, NO_REGISTERS, instructions);
}

static void ended(plugin_id id, void *data)
{
    uint64_t sum = 0;
    char line[32];
    int length, file;
    (void)id;
    (void)data;
    for (size_t i = 0; i < PROCESSORS_MAX; i++)
        sum += processors[i].count;
    length = snprintf(line, sizeof line, "%" PRIu64 "\n", sum);
    file = open(report, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
    if (file >= 0 && write(file, line, (size_t)length) != length)
        unlink(report);
}

EXPORTED int qemu_plugin_install(plugin_id id, const void *info, int argc, char **argv)
{
    const char *label = "report=";
    (void)info;
    for (int i = 0; i < argc; i++)
        if (strncmp(argv[i], label, strlen(label)) == 0)
            snprintf(report, sizeof report, "%s", argv[i] + strlen(label));
    if (report[0] == 0)
        return -1;
    qemu_plugin_register_vcpu_tb_trans_cb(id, translated);
    qemu_plugin_register_atexit_cb(id, ended, NULL);
    return 0;
}
