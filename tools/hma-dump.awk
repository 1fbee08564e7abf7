# Reads a plain dump of a Hasher-Matcher-Actioner's database (pg_dump without -F) and writes one of its banks as CSV for
# `hilf import`:
#
#   awk -f hma-dump.awk dump.sql                      the banks: name, ratio, items, signals
#   awk -f hma-dump.awk -v bank=MY_BANK dump.sql      one bank
#
# Items that are disabled are left out, and so are signals that hilf has no type for. The number an item had is its label
# hma_content; the signals of an item stay together.

BEGIN {
	FS = "\t"
	if (bank)
		print "type,value,hilf.entry,hma_content"
}

# COPY public.bank (id, name, ...) FROM stdin;
/^COPY / {
	split($0, part, /[ (),;]+/)
	table = part[2]
	sub(/^.*\./, "", table)
	for (i = 3; part[i] != "FROM" && i in part; i++)
		column[table, part[i]] = i - 2
	next
}
/^\\\.$/ { table = ""; next }

table == "bank" {
	name[$column["bank", "id"]] = $column["bank", "name"]
	ratio[$column["bank", "id"]] = $column["bank", "enabled_ratio"]
	order[++banks] = $column["bank", "id"]
}
table == "bank_content" && $column["bank_content", "disable_until_ts"] != 0 {
	of[$column["bank_content", "id"]] = $column["bank_content", "bank_id"]
	items[$column["bank_content", "bank_id"]]++
}
table == "content_signal" {
	id = $column["content_signal", "content_id"]
	type = $column["content_signal", "signal_type"]
	value = tolower($column["content_signal", "signal_val"])
	if (type == "video_md5")
		type = "md5"
	if (type == "video_sha256")
		type = "sha256"
	digits = type == "md5" ? 32 : type == "pdq" || type == "sha256" ? 64 : 0
	if (!(id in of))
		next
	if (length(value) != digits || value !~ /^[0-9a-f]+$/) {
		left[of[id]]++
		next
	}
	signals[of[id]]++
	if (name[of[id]] == bank && !(id in line))
		content[++contents] = id
	if (name[of[id]] == bank)
		line[id] = line[id] type "," value "," id "," id "\n"
}

END {
	for (i = 1; i <= contents; i++)
		printf "%s", line[content[i]]
	if (bank && !contents)
		print "hma-dump: no signals of a bank " bank > "/dev/stderr"
	for (i = 1; i <= banks && !bank; i++)
		printf "%s\tratio %s\t%d items\t%d signals\t%d of other types\n", name[order[i]], ratio[order[i]],
			items[order[i]], signals[order[i]], left[order[i]]
}
