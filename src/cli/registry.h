/* The entries that registry.c lists, each defined in the file of its name. */
#ifndef CLI_REGISTRY_H
#define CLI_REGISTRY_H

#include "cli/command.h"

extern const struct command command_add;
extern const struct command command_appeal_list;
extern const struct command command_appeal_show;
extern const struct command command_backup;
extern const struct command command_bank_create;
extern const struct command command_bank_effect;
extern const struct command command_bank_list;
extern const struct command command_bank_remove;
extern const struct command command_bank_set;
extern const struct command command_bank_show;
extern const struct command command_case_list;
extern const struct command command_case_people;
extern const struct command command_case_show;
extern const struct command command_completion;
extern const struct command command_decision_list;
extern const struct command command_decision_show;
extern const struct command command_doctor;
extern const struct command command_entry_erase;
extern const struct command command_entry_find;
extern const struct command command_entry_list;
extern const struct command command_entry_set;
extern const struct command command_entry_show;
extern const struct command command_export;
extern const struct command command_fsck;
extern const struct command command_hash;
extern const struct command command_help;
extern const struct command command_import;
extern const struct command command_index;
extern const struct command command_key_create;
extern const struct command command_key_list;
extern const struct command command_key_revoke;
extern const struct command command_match;
extern const struct command command_opinion_give;
extern const struct command command_opinion_list;
extern const struct command command_restore;
extern const struct command command_serve;
extern const struct command command_stats;
extern const struct command command_user_create;
extern const struct command command_user_disable;
extern const struct command command_user_enable;
extern const struct command command_user_list;
extern const struct command command_user_reset;
extern const struct command command_user_set;
extern const struct command command_user_unlock;
extern const struct command command_version;
extern const struct command command_vault_set;
extern const struct command command_vault_show;
extern const struct command command_vault_views;
extern const struct command command_webhook_add;
extern const struct command command_webhook_deliveries;
extern const struct command command_webhook_list;
extern const struct command command_webhook_remove;
extern const struct command command_webhook_replay;
extern const struct command command_webhook_set;
extern const struct command command_webhook_test;
extern const struct command command_withdraw;

#endif
