#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# nginx, a master and two workers, under wrk.
load lib.sh

setup_file() { real_setup_file nginx wrk; }
setup() { real_setup; }
teardown() { real_teardown; }

write_conf() { # PORT
	local kind
	echo 'daemon off; worker_processes 2;'
	[ "$(id -u)" -ne 0 ] || echo "user $(id -un);"
	echo "pid $T/home/pid; error_log $T/home/error.log; events { worker_connections 256; }"
	echo 'http { access_log off;'
	for kind in client_body proxy fastcgi uwsgi scgi; do
		echo "${kind}_temp_path $T/home/$kind;"
	done
	echo "server { listen 127.0.0.1:$1; location / { root $T/home/www; } location /old { return 301 /; } } }"
}

ask() { # PORT PATH: the answer without what differs from time to time
	exec 5<>"/dev/tcp/127.0.0.1/$1" || return 1
	printf 'GET %s HTTP/1.0\r\n\r\n' "$2" >&5
	grep -av -e '^Date:' -e '^Last-Modified:' -e '^ETag:' <&5 | sed "s/:$1/:PORT/"
	exec 5>&-
}

serve() { # MODE
	local port
	port=$(free_port)
	mkdir www
	head -c 4096 /dev/zero | tr '\0' x >www/file.txt
	write_conf "$port" >nginx.conf
	UP="ask $port /file.txt"
	start_server "$1" nginx -p "$T/home" -e error.log -c "$T/home/nginx.conf"
	wrk -t1 -c32 -d"${SECONDS_OF_LOAD}s" "http://127.0.0.1:$port/file.txt" >"$T/load"
	if grep -E 'Non-2xx|Socket errors' "$T/load"; then return 1; fi
	{
		ask "$port" /file.txt
		ask "$port" /nothing
		ask "$port" /old
	} >"$T/answers"
	same_as_native "$1" "$T/answers"
	stop_server
	if grep -E '\[(alert|crit|emerg)\]' error.log; then return 1; fi
	check_report "$1" nginx
}

@test "nginx alone" { serve native; }
@test "nginx, audit" { serve audit; }
@test "nginx, diagnose" { serve diagnose; }
