Import and export: lines and CSV, what is there already, and the way back.

    $ hilf bank create known -q
    $ random-lines 5 > lines; hilf import known lines
    added	5
    already	0
    degenerate	0
    bad	0
    $ hilf import known lines
    added	0
    already	5
    degenerate	0
    bad	0
    $ (random-lines 7; random-lines 2) | hilf import known -
    added	2
    already	7
    degenerate	0
    bad	0

A value that stands for nothing is kept out and counted.

    $ echo pdq 0000000000000000000000000000000000000000000000000000000000000000 | hilf import known -
    added	0
    already	0
    degenerate	1
    bad	0
    $ echo "$(random-lines 1 9) quality=20" | hilf import known - --json
    {"added":0,"already":0,"degenerate":1,"bad":0}

CSV with a header.

    $ printf 'Type,Value,Event\r\nMD5,0123456789abcdef0123456789abcdef,paris\r\n' | hilf import known - --label origin=partner
    added	1
    already	0
    degenerate	0
    bad	0
    $ hilf match --signal md5:0123456789abcdef0123456789abcdef | cut -f9
    event=paris origin=partner

Out and in again loses nothing: labels, class, ground, expiry, and which signals are one entry's.

    $ hilf bank create rich -q
    $ hilf add rich --signal $(random-lines 1 3 | tr ' ' :) --signal md5:00000000000000000000000000000001 --label event=paris --class incitement --ground 'Regulation (EU) 2021/784, Art. 2(7)(a) and (b), and section 4.2 of our terms of use' --expires 300d
    9	added	pdq:795b929e9a9a80fdea7b5bf55eb561a4216363698b529b4a97b750923ceb3ffd
    $ hilf add rich --signal md5:00000000000000000000000000000002
    10	added	md5:00000000000000000000000000000002
    $ hilf add rich --signal md5:00000000000000000000000000000003 --expires 36h
    11	added	md5:00000000000000000000000000000003
    $ hilf export rich
    pdq 795b929e9a9a80fdea7b5bf55eb561a4216363698b529b4a97b750923ceb3ffd event=paris hilf.class=incitement hilf.entry=9 hilf.expires=<date> hilf.ground=Regulation_(EU)_2021/784,_Art._2(7)(a)_and_(b),_and_section_4.2_ hilf.ground2=of_our_terms_of_use
    md5 00000000000000000000000000000001 event=paris hilf.class=incitement hilf.entry=9 hilf.expires=<date> hilf.ground=Regulation_(EU)_2021/784,_Art._2(7)(a)_and_(b),_and_section_4.2_ hilf.ground2=of_our_terms_of_use
    md5 00000000000000000000000000000002 hilf.expires=<date>
    md5 00000000000000000000000000000003 hilf.expires=<time>
    $ hilf export rich --csv
    type,value,quality,event,hilf.class,hilf.entry,hilf.expires,hilf.ground,hilf.ground2
    pdq,795b929e9a9a80fdea7b5bf55eb561a4216363698b529b4a97b750923ceb3ffd,,paris,incitement,9,<date>,"Regulation_(EU)_2021/784,_Art._2(7)(a)_and_(b),_and_section_4.2_",of_our_terms_of_use
    md5,00000000000000000000000000000001,,paris,incitement,9,<date>,"Regulation_(EU)_2021/784,_Art._2(7)(a)_and_(b),_and_section_4.2_",of_our_terms_of_use
    md5,00000000000000000000000000000002,,,,,<date>,,
    md5,00000000000000000000000000000003,,,,,<time>,,
    $ hilf export rich --json | json-check type quality labels
    "pdq"	null	{"event": "paris", "hilf.class": "incitement", "hilf.entry": "9", "hilf.expires": "<date>", "hilf.ground": "Regulation_(EU)_2021/784,_Art._2(7)(a)_and_(b),_and_section_4.2_", "hilf.ground2": "of_our_terms_of_use"}
    "md5"	null	{"event": "paris", "hilf.class": "incitement", "hilf.entry": "9", "hilf.expires": "<date>", "hilf.ground": "Regulation_(EU)_2021/784,_Art._2(7)(a)_and_(b),_and_section_4.2_", "hilf.ground2": "of_our_terms_of_use"}
    "md5"	null	{"hilf.expires": "<date>"}
    "md5"	null	{"hilf.expires": "<time>"}
    $ for form in '' --csv --json; do hilf --data copy$form bank create rich -q; hilf export rich $form | hilf --data copy$form import rich -; hilf --data copy$form export rich > again; hilf export rich | sed 's/entry=[0-9]*/entry=N/' | cmp - <(sed 's/entry=[0-9]*/entry=N/' again); done
    added	3
    already	0
    degenerate	0
    bad	0
    added	3
    already	0
    degenerate	0
    bad	0
    added	3
    already	0
    degenerate	0
    bad	0

An entry that has as many labels as there may be goes out and in again as well.

    $ hilf bank create most -q; hilf bank create most2 -q; hilf add most --signal md5:00000000000000000000000000000004 --signal md5:00000000000000000000000000000005 --class threat --ground x $(printf -- '--label k%d=v ' {1..32}) | cut -f2
    added
    $ hilf export most | hilf import most2 - -q; hilf export most2 | sed 's/entry=[0-9]*/entry=N/' | cmp - <(hilf export most | sed 's/entry=[0-9]*/entry=N/')
    added	1
    already	0
    degenerate	0
    bad	0
    $ hilf export most --csv | hilf import most2 -
    added	0
    already	1
    degenerate	0
    bad	0
    $ echo "md5 00000000000000000000000000000006$(printf ' k%d=v' {1..33})" | hilf import most2 - -q
    added	0
    already	0
    degenerate	0
    bad	1
    ! hilf: standard input: line 1: more than 32 labels
    [2]

The signals of an entry stay joined, wherever a batch ends.

    $ hilf bank create pairs -q; (random-lines 1 77; random-pairs 40000) | hilf import pairs -
    added	40001
    already	0
    degenerate	0
    bad	0
    $ hilf bank list | grep pairs | cut -f4
    40001

Entries of many expiries.

    $ hilf bank create days -q; for i in $(seq 300); do printf 'md5 %032x hilf.expires=%s\n' $i $(( i % 50 + 20 ))d; done | hilf import days -
    added	300
    already	0
    degenerate	0
    bad	0
    $ hilf export days | grep -o 'hilf.expires.*' | sort -u | wc -l
    50

Many lines.

    $ random-lines 20000 42 > many; hilf import known many
    added	20000
    already	0
    degenerate	0
    bad	0
    $ hilf export known | wc -l
    20008
    $ hilf stats | grep -E '^(pdq|index_values)'
    pdq	20009	pdq signals in force
    index_values	20009	values in the similarity index

What makes no sense:

    $ hilf import known
    ! hilf: FILE is missing: hilf import BANK FILE|- [--strict] [--label KEY=VALUE]... [OPTION]...
    ! hilf: 'hilf import --help' says more
    [2]
    $ hilf import knwon lines
    ! hilf: there is no bank 'knwon'; did you mean 'known'? 'hilf bank list' shows all
    [2]
    $ hilf import known absent
    ! hilf: cannot open 'absent': No such file or directory
    [2]
    $ hilf import known .
    ! hilf: '.' is a folder; a file with lines is wanted here
    [2]
    $ hilf import known lines more
    ! hilf: 'more' is one word too many: hilf import BANK FILE|- [--strict] [--label KEY=VALUE]... [OPTION]...
    ! hilf: 'hilf import --help' says more
    [2]
    $ hilf export nothing
    ! hilf: there is no bank 'nothing'; 'hilf bank list' shows all, 'hilf bank create NAME' makes one
    [2]
    $ : | hilf import known -
    added	0
    already	0
    degenerate	0
    bad	0
