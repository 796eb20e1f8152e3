#!/usr/bin/env bash
# samba-ad.sh - a real Active Directory domain controller (Samba AD DC) for tests.
#
#   samba-ad.sh check                   exit 0 when everything that start needs is installed
#   samba-ad.sh install                 install Debian/Ubuntu packages if missing (root or passwordless sudo)
#   samba-ad.sh start  DIR [options]    provision + seed (first time only), start, wait until LDAPS answers
#   samba-ad.sh stop   DIR              stop by pid; the data stays, 'start' brings it back
#   samba-ad.sh status DIR              exit 0 when running and answering, 3 when stopped
#   samba-ad.sh env    DIR              print NAME=VALUE lines (URLs, CA file, accounts)
#   samba-ad.sh load   DIR FILE.ldif    add an LDIF file as SYSTEM (running or stopped; objectGUID may be given)
#   samba-ad.sh destroy DIR             stop and delete DIR
#
# options of start (all but --max-runtime and the ports count on the first start only):
#   --users N         bulk users in OU=Bulk,OU=Staff (default 2500; 0 for none)
#   --no-tree         no test tree at all, a bare domain
#   --realm R         default CONTOSO.TEST        --domain NB   NetBIOS name, default first label of realm
#   --ldap-port N --ldaps-port N                  fixed ports on 127.0.0.1 (default: free ones)
#   --max-runtime S   the DC ends by itself after S seconds (default 7200)
#
# Only 'install' needs root. The DC runs as the caller, and listens on no network port at all:
# socket_wrapper turns its 389/636/3268/3269/88 into unix sockets in DIR/sw, and a small forwarder
# offers them on 127.0.0.1 at free, unprivileged ports. Any number of DCs run side by side.
set -euo pipefail
export LC_ALL=C.UTF-8
umask 022

PY=/usr/bin/python3            # Debian's own: a pyenv/venv python has no samba module
SERVER_NAME_LABEL=dc1
ADMIN_PW='Passw0rd!lab'
SVC_PW='Svc-Passw0rd!'

die() { printf 'samba-ad.sh: %s\n' "$*" >&2; exit 1; }
say() { printf 'samba-ad.sh: %s\n' "$*" >&2; }
now_ms() { date +%s%3N; }

# ---------------------------------------------------------------- install
have_all() {
	[ -x /usr/sbin/samba ] && [ -x "$PY" ] && command -v openssl >/dev/null &&
	ls /usr/lib/*/libsocket_wrapper.so >/dev/null 2>&1 &&
	ls /usr/lib/*/samba/ldb/samldb.so >/dev/null 2>&1 &&
	"$PY" -c 'import os, sys, samba.provision, samba.samdb, samba.param as p
sys.exit(not os.path.exists(os.path.join(p.setup_dir(), "provision.ldif")))' 2>/dev/null
}

cmd_install() {
	have_all && return 0
	local sudo=() policy=/usr/sbin/policy-rc.d made=0
	if [ "$(id -u)" != 0 ]; then
		command -v sudo >/dev/null && sudo -n true 2>/dev/null ||
			die "packages are missing and this is not root: run 'sudo $0 install' once"
		sudo=(sudo -n)
	fi
	command -v apt-get >/dev/null || die "no apt-get: install samba (AD DC), its dsdb modules and provision files, libsocket-wrapper and openssl by hand"
	# never let the packages start smbd/nmbd/samba on this machine's real ports, now or at the next boot
	if [ ! -e $policy ]; then
		printf '#!/bin/sh\nexit 101\n' | "${sudo[@]}" tee $policy >/dev/null
		"${sudo[@]}" chmod 755 $policy; made=1
	fi
	local had_samba=0; [ -x /usr/sbin/samba ] && had_samba=1
	local rc=0 apt=("${sudo[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -y -q -o DPkg::Lock::Timeout=300 --no-install-recommends)
	local pkgs=(samba samba-ad-provision samba-dsdb-modules python3-samba libsocket-wrapper)
	command -v openssl >/dev/null || pkgs+=(openssl)
	"${apt[@]}" install "${pkgs[@]}" >&2 || { "${apt[@]}" update >&2 && "${apt[@]}" install "${pkgs[@]}" >&2; } || rc=$?
	# Debian 13 and later keep the 'samba' program in samba-ad-dc
	[ $rc != 0 ] || [ -x /usr/sbin/samba ] || "${apt[@]}" install samba-ad-dc >&2 || rc=$?
	if [ $had_samba = 0 ]; then
		local u; for u in smbd nmbd samba-ad-dc winbind; do
			"${sudo[@]}" rm -f "/etc/systemd/system/multi-user.target.wants/$u.service"
		done
	fi
	[ $made = 0 ] || "${sudo[@]}" rm -f $policy
	[ $rc = 0 ] || die "apt-get failed ($rc)"
	have_all || die "packages were installed but something is still missing"
}

# ---------------------------------------------------------------- processes, by pid and start time
start_time() { # field 22 of /proc/PID/stat; the name in field 2 may hold blanks
	local s; s=$(cat "/proc/$1/stat" 2>/dev/null) || return 1; s=${s##*) }; set -- $s; echo "${20}"
}
save_pid() { local t; t=$(start_time "$2") || return 1; echo "$2 $t" >"$1"; }
alive() { # alive PIDFILE: true when that very process still runs
	local p t; [ -s "$1" ] && read -r p t <"$1" && [ "$(start_time "$p" 2>/dev/null)" = "$t" ] &&
	case $(cut -d' ' -f3 "/proc/$p/stat" 2>/dev/null) in Z) false ;; *) true ;; esac
}
end_pid() { # end_pid PIDFILE SECONDS
	local p t i; if alive "$1"; then
		read -r p t <"$1"; kill -TERM "$p" 2>/dev/null || true
		for ((i = 0; i < $2 * 20; i++)); do alive "$1" || break; sleep 0.05; done
		if alive "$1"; then kill -KILL "$p" 2>/dev/null || true; sleep 0.2; fi
	fi; rm -f "$1"
}

# ---------------------------------------------------------------- files
write_conf() {
	cat >"$D/smb.conf" <<EOF
[global]
	workgroup = $NB
	realm = $REALM
	netbios name = ${SERVER_NAME_LABEL^^}
	server role = active directory domain controller
	interfaces = 127.0.0.10/8
	bind interfaces only = yes
	server services = ldap, kdc
	dcerpc endpoint servers = -dnsserver
	private dir = $D/private
	state directory = $D/state
	cache directory = $D/cache
	lock directory = $D/lock
	pid directory = $D/run
	binddns dir = $D/bind-dns
	ncalrpc dir = $D/run/ncalrpc
	winbindd socket directory = $D/run/winbindd
	ntp signd socket directory = $D/run/ntp_signd
	log file = $D/log/log.%m
	max log size = 0
	tls cafile = $D/tls/ca.pem
	tls certfile = $D/tls/server.pem
	tls keyfile = $D/tls/server.key
	ldap server require strong auth = allow_sasl_over_tls
	ldb:nosync = true
[sysvol]
	path = $D/state/sysvol
[netlogon]
	path = $D/state/sysvol/${REALM,,}/scripts
EOF
}

make_tls() { # Samba's own self-signed certificate has no subjectAltName, and Go refuses it
	local t=$D/tls; mkdir -p "$t"
	openssl ecparam -name prime256v1 -genkey -noout -out "$t/ca.key" 2>/dev/null
	openssl req -x509 -new -key "$t/ca.key" -sha256 -days 3650 -subj "/O=samba-ad.sh/CN=Test CA of $REALM" \
		-addext basicConstraints=critical,CA:TRUE -addext keyUsage=critical,keyCertSign,cRLSign -out "$t/ca.pem" 2>/dev/null
	openssl ecparam -name prime256v1 -genkey -noout -out "$t/server.key" 2>/dev/null
	openssl req -new -key "$t/server.key" -subj "/CN=$HOSTFQ" -out "$t/server.csr" 2>/dev/null
	printf 'subjectAltName=DNS:%s,DNS:%s,DNS:localhost,IP:127.0.0.1\nextendedKeyUsage=serverAuth\nbasicConstraints=CA:FALSE\n' \
		"$HOSTFQ" "${REALM,,}" >"$t/ext"
	openssl x509 -req -in "$t/server.csr" -CA "$t/ca.pem" -CAkey "$t/ca.key" -CAcreateserial -days 3650 -sha256 \
		-extfile "$t/ext" -out "$t/server.pem" 2>/dev/null
	chmod 600 "$t"/*.key      # Samba refuses a key that is not 0600 and its own (CVE-2013-4476)
	rm -f "$t/ext" "$t/server.csr" "$t"/*.srl
}

provision() {
	"$PY" - "$D/smb.conf" "$REALM" "$NB" "$SERVER_NAME_LABEL" "$ADMIN_PW" >"$D/log/provision.log" 2>&1 <<'EOF' ||
import logging, sys, zlib
from samba.auth import system_session
from samba.dcerpc import security
from samba.dsdb import DS_DOMAIN_FUNCTION_2008_R2
from samba.param import LoadParm
from samba.provision import provision, FILL_FULL
conf, realm, nb, host, pw = sys.argv[1:]
logging.basicConfig(level=logging.WARNING)
lp = LoadParm(); lp.load(conf)
# skip_sysvolacl: no NT ACLs on files, so neither root nor the acl_xattr module is needed
provision(logging.getLogger("provision"), system_session(), smbconf=conf, samdb_fill=FILL_FULL, lp=lp,
          realm=realm, domain=nb, hostname=host, hostip="127.0.0.10", adminpass=pw,
          serverrole="active directory domain controller", dns_backend="NONE",
          dom_for_fun_level=DS_DOMAIN_FUNCTION_2008_R2, use_ntvfs=False, skip_sysvolacl=True, batch_mode=True,
          domainsid=security.dom_sid("S-1-5-21-1111111111-2222222222-%d" % (zlib.crc32(realm.encode()) | 1)))
EOF
		{ tail -20 "$D/log/provision.log" >&2; die "provision failed, see $D/log/provision.log"; }
}

seed() { # seed TREE(0|1) USERS
	"$PY" - "$D/smb.conf" "$1" "$2" "$SVC_PW" >"$D/log/seed.log" 2>&1 <<'EOF' ||
import sys, uuid
import ldb
from samba import sd_utils
from samba.auth import system_session
from samba.ndr import ndr_unpack
from samba.dcerpc import security
from samba.param import LoadParm
from samba.samdb import SamDB
conf, tree, n, pw = sys.argv[1], sys.argv[2] == "1", int(sys.argv[3]), sys.argv[4]
lp = LoadParm(); lp.load(conf)
# batch_mode is what makes many adds in one transaction fast (2 ms each instead of 12)
db = SamDB(url=lp.private_path("sam.ldb"), session_info=system_session(), lp=lp,
           flags=ldb.FLG_NOSYNC, options=["batch_mode:1"])
base = str(db.domain_dn()); suffix = lp.get("realm").lower()
NS = uuid.UUID("6ba7b812-9dad-11d1-80b4-00c04fd430c8")
def guid(s): return uuid.uuid5(NS, s)
def child(parent, attr, val):          # escapes the value as the DC itself would
    d = ldb.Dn(db, str(parent)); d.add_child(ldb.Dn(db, attr + "=x")); d.set_component(0, attr, val); return d
def add(dn, **kw):                     # relax: lets us choose objectGUID, so every run has the same ids
    m = {"dn": dn, "objectGUID": guid(str(dn).lower()).bytes_le}; m.update(kw)
    db.add(m, controls=["relax:0"]); return dn
def ou(parent, name): return add(child(parent, "OU", name), objectClass="organizationalUnit")
def user(parent, cn, sam, **kw):
    m = dict(objectClass="user", sAMAccountName=sam, displayName=cn, userAccountControl="512",
             userPrincipalName="%s@%s" % (sam, suffix), mail="%s@%s" % (sam, suffix))
    m.update(kw)
    return add(child(parent, "CN", cn), **{k: v for k, v in m.items() if v is not None})
def secret(s): return ('"%s"' % s).encode("utf-16-le")
db.transaction_start()
# the DC's own service name, which samba_spnupdate would register
db.modify_ldif("dn: CN=DC1,OU=Domain Controllers,%s\nchangetype: modify\nadd: servicePrincipalName\n"
               "servicePrincipalName: ldap/dc1.%s\nservicePrincipalName: ldap/dc1.%s/%s\n" % (base, suffix, suffix, suffix))
svc = ou(base, "Service Accounts")
user(svc, "svc-ldap", "svc-ldap", unicodePwd=secret(pw), userAccountControl="66048")
if tree:
    user(svc, "svc-limited", "svc-limited", unicodePwd=secret(pw), userAccountControl="66048")
    user(svc, "svc-umlaut", "svc-umlaut", unicodePwd=secret("Pässw0rd-日本!"), userAccountControl="66048")
    user(svc, "svc-disabled", "svc-disabled", unicodePwd=secret(pw), userAccountControl="514")
    user(svc, "svc-pwmust", "svc-pwmust", unicodePwd=secret(pw), pwdLastSet="0")
    user(svc, "svc-expired", "svc-expired", unicodePwd=secret(pw), accountExpires="133000000000000000")
    staff = ou(base, "Staff")
    odd = {}
    for name in ["Sales, Marketing", "R+D", '"Quoted"', "#Temp", " Leading", "Trailing ", "a=b", "semi;colon", "lt<gt>",
                 "back\\slash", "slash/here", "paren (x) * star", "Zürich", "日本", 'sub,#mix +"x" ', "O'Brien & Söhne"]:
        odd[name] = ou(staff, name)
        user(odd[name], "Member of " + name.strip(), "odd%02d" % len(odd), department=name)
    user(ou(odd["Zürich"], "日本"), "Nested Deep", "deep", employeeID="E9")
    ou(staff, "Empty")
    alice = user(staff, "Alice Archer", "alice", employeeID="E1", department="Sales",
                 **{"mS-DS-ConsistencyGuid": uuid.UUID("00112233-4455-6677-8899-aabbccddeeff").bytes_le})
    bob = user(staff, "Bob Brown", "bob", employeeID="E2", department="IT")
    user(staff, "Müller, Jürg", "jmueller", employeeID="E3", department="Zürich (HQ)")
    user(staff, "No Upn", "noupn", userPrincipalName=None, mail=None)
    user(staff, "Other Suffix", "suffix", userPrincipalName="other.suffix@contoso.com")
    user(staff, "Disabled Dave", "dave", userAccountControl="514")
    user(staff, "Star * (paren) \\ back", "star")
    user(ou(base, "Leavers"), "Leaver Lou", "lou", userAccountControl="514",
         **{"mS-DS-ConsistencyGuid": guid("old forest").bytes_le})
    # in the same OU, and not to be taken for people
    add(child(staff, "CN", "Contact Carla"), objectClass="contact", mail="carla@partner.test")
    add(child(staff, "CN", "PC001"), objectClass="computer", sAMAccountName="PC001$", userAccountControl="4096")
    add(child(staff, "CN", "gmsa1"), objectClass="msDS-GroupManagedServiceAccount", sAMAccountName="gmsa1$",
        userAccountControl="4096", **{"msDS-ManagedPasswordInterval": "30"})
    add(child(staff, "CN", "All Staff"), objectClass="group", sAMAccountName="allstaff", groupType="-2147483646",
        member=[str(alice), str(bob)])
    add(child(staff, "CN", "Inet Org"), objectClass="inetOrgPerson", sAMAccountName="inetorg", sn="Org",
        userPrincipalName="inetorg@" + suffix, userAccountControl="512")
    hidden = ou(staff, "Hidden")       # svc-limited cannot read below here
    for i in range(3): user(hidden, "Hidden %d" % i, "hidden%d" % i)
    noguid = ou(staff, "NoGuid")       # svc-limited reads the users but not mS-DS-ConsistencyGuid
    for i in range(3): user(noguid, "NoGuid %d" % i, "noguid%d" % i, **{"mS-DS-ConsistencyGuid": guid("noguid%d" % i).bytes_le})
    bulk = ou(staff, "Bulk")
    depts = ["Sales", "R&D", "Finance", "IT", "日本営業", "Zürich (HQ)"]
    for i in range(n):
        sam = "bulk%05d" % i
        user(bulk, "User %05d" % i, sam, givenName="User", sn="%05d" % i, employeeID="B%06d" % i, department=depts[i % 6],
             userAccountControl="514" if i % 50 == 0 else "512",
             **({"mS-DS-ConsistencyGuid": guid(sam).bytes_le} if i % 3 == 0 else {}))
        if i % 5000 == 4999: db.transaction_commit(); db.transaction_start()
db.transaction_commit()
if tree:
    db = SamDB(url=lp.private_path("sam.ldb"), session_info=system_session(), lp=lp, flags=ldb.FLG_NOSYNC)
    r = db.search(base, scope=ldb.SCOPE_SUBTREE, expression="(sAMAccountName=svc-limited)", attrs=["objectSid"])
    sid = str(ndr_unpack(security.dom_sid, r[0]["objectSid"][0]))
    sd = sd_utils.SDUtils(db)
    sd.dacl_add_ace("OU=Hidden,OU=Staff," + base, "(D;CI;RPLCLO;;;%s)" % sid)
    sd.dacl_add_ace("OU=NoGuid,OU=Staff," + base, "(OD;CI;RP;23773dc2-b63a-11d2-90e1-00c04fd91ab1;;%s)" % sid)
EOF
		{ tail -20 "$D/log/seed.log" >&2; die "seeding failed, see $D/log/seed.log"; }
}

# forwarder: 127.0.0.1:PORT <-> DIR/sw/T0A<port>. socket_wrapper wants its peers bound to names of the same form.
forwarder() { # runs in the background; writes DIR/run/ports when it listens
	exec "$PY" - "$D" "$1" "$2" "$3" <<'EOF'
import asyncio, itertools, os, socket, sys
D, samba_pid, want_ldap, want_ldaps = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4])
SW = os.path.join(D, "sw"); seq = itertools.cycle(range(1024, 65536))
for f in os.listdir(SW):
    if f.startswith("T0B"): os.unlink(os.path.join(SW, f))
async def pipe(r, w):
    try:
        while True:
            b = await r.read(65536)
            if not b: break
            w.write(b); await w.drain()
    except (ConnectionError, OSError): pass
    finally:
        try: w.close()
        except Exception: pass
def handler(port):
    async def h(r, w):
        s = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM); s.setblocking(False); name = None
        try:
            for p in seq:
                name = os.path.join(SW, "T0B%04X" % p)
                try: s.bind(name); break
                except OSError: continue
            await asyncio.get_running_loop().sock_connect(s, os.path.join(SW, "T0A%04X" % port))
            ur, uw = await asyncio.open_unix_connection(sock=s)
            await asyncio.gather(pipe(r, uw), pipe(ur, w))
        except OSError: w.close(); s.close()
        finally:
            if name:
                try: os.unlink(name)
                except OSError: pass
    return h
async def main():
    out = []
    for key, port, want in (("LDAP", 389, want_ldap), ("LDAPS", 636, want_ldaps), ("GC", 3268, 0), ("GCS", 3269, 0), ("KRB5", 88, 0)):
        srv = await asyncio.start_server(handler(port), "127.0.0.1", want)
        out.append("%s=%d\n" % (key, srv.sockets[0].getsockname()[1]))
    tmp = os.path.join(D, "run", "ports.tmp")
    with open(tmp, "w") as f: f.writelines(out)
    os.rename(tmp, os.path.join(D, "run", "ports"))
    while os.path.exists("/proc/%d" % samba_pid): await asyncio.sleep(1)
asyncio.run(main())
EOF
}

probe() { # probe PORT: a rootDSE search over verified TLS must name this DC
	"$PY" - "$1" "$D/tls/ca.pem" "$HOSTFQ" <<'EOF' 2>/dev/null
import socket, ssl, sys
port, ca, host = int(sys.argv[1]), sys.argv[2], sys.argv[3]
def t(tag, *b):
    b = b"".join(b); return bytes([tag, len(b)]) + b
q = t(0x30, t(2, b"\1"), t(0x63, t(4, b""), t(10, b"\0"), t(10, b"\0"), t(2, b"\0"), t(2, b"\0"), t(1, b"\0"),
      t(0x87, b"objectClass"), t(0x30, t(4, b"dnsHostName"))))
c = ssl.create_default_context(cafile=ca)
with socket.create_connection(("127.0.0.1", port), 5) as s, c.wrap_socket(s, server_hostname=host) as s:
    s.settimeout(5); s.sendall(q); got = b""
    while host.encode() not in got:
        b = s.recv(4096)
        if not b: sys.exit(1)
        got += b
EOF
}

write_env() {
	local LDAP LDAPS GC KRB5; . "$D/run/ports"
	local base="DC=${REALM//./,DC=}"; base=${base,,}; base=${base//dc=/DC=}
	cat >"$D/krb5.conf" <<EOF
[libdefaults]
 default_realm = $REALM
 dns_lookup_kdc = false
 dns_lookup_realm = false
 udp_preference_limit = 1
[realms]
 $REALM = {
  kdc = 127.0.0.1:$KRB5
 }
[domain_realm]
 .${REALM,,} = $REALM
EOF
	cat >"$D/env.tmp" <<EOF
SAMBA_AD_DIR=$D
SAMBA_AD_PID=$(cut -d' ' -f1 "$D/run/dc.pid")
SAMBA_AD_LDAP_URL=ldap://127.0.0.1:$LDAP
SAMBA_AD_LDAPS_URL=ldaps://127.0.0.1:$LDAPS
SAMBA_AD_GC_URL=ldap://127.0.0.1:$GC
SAMBA_AD_SERVER_NAME=$HOSTFQ
SAMBA_AD_CA=$D/tls/ca.pem
SAMBA_AD_BASE_DN=$base
SAMBA_AD_REALM=$REALM
SAMBA_AD_KRB5_CONF=$D/krb5.conf
SAMBA_AD_ADMIN=Administrator@${REALM,,}
SAMBA_AD_ADMIN_PW=$ADMIN_PW
SAMBA_AD_USER=svc-ldap@${REALM,,}
SAMBA_AD_USER_PW=$SVC_PW
EOF
	mv "$D/env.tmp" "$D/env"
}

# ---------------------------------------------------------------- commands
load_dir() { # load_dir DIR must-exist
	D=$(realpath -m -- "$1")
	case $D in /|/tmp|/var|/home|/root|/usr*|/etc*) die "refusing to use $D" ;; esac
	[ ${#D} -le 80 ] || die "the path of DIR is ${#D} bytes; unix sockets in it allow at most 80"
	case $D in *[!A-Za-z0-9/._+-]*) die "DIR may hold only letters, digits and /._+-" ;; esac
	if [ -e "$D/.samba-ad" ]; then . "$D/.samba-ad"; elif [ "${2:-}" = must ]; then die "$D is not a DC made by this script"; fi
}

cmd_start() {
	[ $# -ge 1 ] || die "start needs a DIR"
	local dir=$1 users=2500 tree=1 lport=0 lsport=0 runtime=7200 t0; shift
	REALM=CONTOSO.TEST NB=
	while [ $# -gt 0 ]; do
		case $1 in
		--users) users=$2; shift 2 ;; --no-tree) tree=0; shift ;;
		--realm) REALM=${2^^}; shift 2 ;; --domain) NB=${2^^}; shift 2 ;;
		--ldap-port) lport=$2; shift 2 ;; --ldaps-port) lsport=$2; shift 2 ;;
		--max-runtime) runtime=$2; shift 2 ;;
		*) die "unknown option $1" ;;
		esac
	done
	NB=${NB:-${REALM%%.*}}
	have_all || cmd_install
	load_dir "$dir"
	if [ -d "$D" ] && [ ! -e "$D/.samba-ad" ] && [ -n "$(ls -A "$D")" ]; then die "$D exists, is not empty, and was not made by this script"; fi
	mkdir -p "$D"; [ -e "$D/.samba-ad" ] || printf 'REALM=%s\nNB=%s\n' "$REALM" "$NB" >"$D/.samba-ad"
	exec 9>"$D/.lock"; flock -w 300 9 || die "another samba-ad.sh holds $D"
	HOSTFQ=$SERVER_NAME_LABEL.${REALM,,}
	if alive "$D/run/dc.pid" && alive "$D/run/fwd.pid" && [ -s "$D/env" ]; then
		local LDAPS; . "$D/run/ports"
		if probe "$LDAPS"; then say "already running, pid $(cut -d' ' -f1 "$D/run/dc.pid")"; cat "$D/env"; return 0; fi
	fi
	end_pid "$D/run/fwd.pid" 5 9>&-; end_pid "$D/run/dc.pid" 15 9>&-
	if [ ! -e "$D/.seeded" ]; then   # nothing, or a half-made domain: begin anew
		rm -rf "$D"/{private,state,cache,lock,run,log,sw,tls,bind-dns}
		mkdir -p "$D"/{private,state,cache,lock,run,log,sw,tls,bind-dns}
		chmod 700 "$D/private"; write_conf; make_tls
		t0=$(now_ms); provision; say "provisioned $REALM in $(( $(now_ms) - t0 )) ms"
		t0=$(now_ms); seed "$tree" "$users"; say "seeded (tree=$tree users=$users) in $(( $(now_ms) - t0 )) ms"
		touch "$D/.seeded"
	else
		mkdir -p "$D"/{run,log,sw,lock,cache}; write_conf
	fi
	rm -f "$D"/run/ports "$D"/env "$D"/sw/T0*
	t0=$(now_ms)
	SOCKET_WRAPPER_DIR=$D/sw SOCKET_WRAPPER_DEFAULT_IFACE=10 LD_PRELOAD=libsocket_wrapper.so \
		setsid /usr/sbin/samba -F -M single --maximum-runtime="$runtime" -s "$D/smb.conf" --debug-stdout \
		>"$D/log/samba.log" 2>&1 </dev/null 9>&- &
	save_pid "$D/run/dc.pid" $! || die "samba ended at once, see $D/log/samba.log"
	( forwarder "$(cut -d' ' -f1 "$D/run/dc.pid")" "$lport" "$lsport" ) >"$D/log/forwarder.log" 2>&1 9>&- &
	save_pid "$D/run/fwd.pid" $! || die "the forwarder ended at once, see $D/log/forwarder.log"
	local i ok=0
	for ((i = 0; i < 300; i++)); do
		alive "$D/run/dc.pid" || { tail -20 "$D/log/samba.log" >&2; die "samba ended, see $D/log/samba.log"; }
		alive "$D/run/fwd.pid" || { tail -5 "$D/log/forwarder.log" >&2; end_pid "$D/run/dc.pid" 15; die "the forwarder ended (port taken?)"; }
		if [ -s "$D/run/ports" ] && [ -S "$D/sw/T0A027C" ]; then
			local LDAPS; . "$D/run/ports"; if probe "$LDAPS"; then ok=1; break; fi
		fi
		sleep 0.1
	done
	[ $ok = 1 ] || { tail -20 "$D/log/samba.log" >&2; end_pid "$D/run/fwd.pid" 5; end_pid "$D/run/dc.pid" 15; die "LDAPS did not answer in time"; }
	say "LDAPS answers after $(( $(now_ms) - t0 )) ms, pid $(cut -d' ' -f1 "$D/run/dc.pid")"
	write_env; cat "$D/env"
}

cmd_stop() {
	load_dir "$1" must; local t0; t0=$(now_ms)
	exec 9>"$D/.lock"; flock -w 300 9 || die "another samba-ad.sh holds $D"
	end_pid "$D/run/dc.pid" 15; end_pid "$D/run/fwd.pid" 5
	rm -f "$D/run/ports" "$D/env" "$D"/sw/T0*
	say "stopped in $(( $(now_ms) - t0 )) ms"
}

cmd_status() {
	load_dir "$1" must; HOSTFQ=$SERVER_NAME_LABEL.${REALM,,}
	if alive "$D/run/dc.pid" && alive "$D/run/fwd.pid" && [ -s "$D/run/ports" ]; then
		local LDAPS; . "$D/run/ports"
		if probe "$LDAPS"; then say "running, pid $(cut -d' ' -f1 "$D/run/dc.pid")"; return 0; fi
		say "processes run but LDAPS does not answer"; return 4
	fi
	say stopped; return 3
}

cmd_load() {
	load_dir "$1" must
	"$PY" - "$D/smb.conf" "$2" <<'EOF'
import sys, ldb
from samba.auth import system_session
from samba.param import LoadParm
from samba.samdb import SamDB
lp = LoadParm(); lp.load(sys.argv[1])
db = SamDB(url=lp.private_path("sam.ldb"), session_info=system_session(), lp=lp, flags=ldb.FLG_NOSYNC, options=["batch_mode:1"])
n = 0
db.transaction_start()
try:
    for ct, m in db.parse_ldif(open(sys.argv[2], encoding="utf-8").read()):
        if ct in (ldb.CHANGETYPE_NONE, ldb.CHANGETYPE_ADD): db.add(m, controls=["relax:0"])
        elif ct == ldb.CHANGETYPE_MODIFY: db.modify(m, controls=["relax:0"])
        elif ct == ldb.CHANGETYPE_DELETE: db.delete(m.dn)
        else: raise SystemExit("changetype %d of %s is not handled" % (ct, m.dn))
        n += 1
except BaseException:
    db.transaction_cancel(); raise
db.transaction_commit()
print("%d records" % n)
EOF
}

cmd_destroy() { load_dir "$1" must; ( cmd_stop "$1" ); rm -rf -- "$D"; }

case ${1:-} in
check) have_all ;;
install) cmd_install ;;
start) shift; cmd_start "$@" ;;
stop) [ $# = 2 ] || die "stop needs a DIR"; cmd_stop "$2" ;;
status) [ $# = 2 ] || die "status needs a DIR"; cmd_status "$2" ;;
env) [ $# = 2 ] || die "env needs a DIR"; load_dir "$2" must; [ -s "$D/env" ] || die "not running"; cat "$D/env" ;;
load) [ $# = 3 ] || die "load needs a DIR and a file"; cmd_load "$2" "$3" ;;
destroy) [ $# = 2 ] || die "destroy needs a DIR"; cmd_destroy "$2" ;;
*) sed -n '2,22p' "$0" | sed 's/^# \{0,1\}//'; exit 2 ;;
esac
