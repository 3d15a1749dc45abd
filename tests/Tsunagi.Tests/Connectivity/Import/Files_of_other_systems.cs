using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Tsunagi.Connectivity.Contract;
using Tsunagi.Connectivity.Import;
using Tsunagi.Connectivity.Import.FreeRadius;
using Tsunagi.Connectivity.Import.Kea;
using Tsunagi.Connectivity.Import.Plan;
using Tsunagi.Tests.Testing;

namespace Tsunagi.Tests.Connectivity.Import;

/// <summary>What the readers of other systems' files make of them, and that nothing is dropped without a word.</summary>
public sealed class Files_of_other_systems
{
    [Fact]
    public void Mysqldump_is_read_with_its_quotes_and_line_numbers()
    {
        const string Dump = """
            -- MySQL dump 10.13
            /*!40101 SET NAMES utf8 */;
            DROP TABLE IF EXISTS `radcheck`;
            CREATE TABLE `radcheck` (
              `id` int(11) unsigned NOT NULL AUTO_INCREMENT,
              `username` varchar(64) NOT NULL DEFAULT '',
              `attribute` varchar(64) NOT NULL DEFAULT '', -- of the dictionary
              `op` char(2) NOT NULL DEFAULT '==',
              `value` varchar(253) NOT NULL DEFAULT '',
              PRIMARY KEY (`id`),
              KEY `username` (`username`(32))
            ) ENGINE=InnoDB AUTO_INCREMENT=4 DEFAULT CHARSET=latin1;
            LOCK TABLES `radcheck` WRITE;
            INSERT INTO `radcheck` VALUES (1,'kita','Cleartext-Password',':=','it\'s; a, (secret)'),(2,'minami','NT-Password',':=','0CB6948805F797BF2A82807973B89537'),
            (3,'o''hara','Simultaneous-Use',':=','2');
            UNLOCK TABLES;
            INSERT INTO `radpostauth` VALUES (1,'x');
            """;
        var read = RadiusFiles.Read([new ImportFile("radius.sql", Dump)], 1_000);
        Assert.Equal(
            [("kita", "Cleartext-Password", "it's; a, (secret)", 14), ("minami", "NT-Password", "0CB6948805F797BF2A82807973B89537", 14), ("o'hara", "Simultaneous-Use", "2", 15)],
            read.UserChecks.Select(static item => (item.Of, item.Attribute, item.Value, item.Line)));
        Assert.Equal("an INSERT into radpostauth names no columns, and no CREATE TABLE before it does", Assert.Single(read.Problems).Message);
        Assert.Equal(17, read.Problems[0].Line);
    }

    [Fact]
    public void Pg_dump_is_read_as_inserts_and_as_copies()
    {
        const string Dump = """
            SET standard_conforming_strings = on;
            COPY public.radusergroup (id, username, groupname, priority) FROM stdin;
            1	kita	gold	1
            2	mina\tmi	silver	2
            \.
            INSERT INTO public.radgroupreply (id, groupname, attribute, op, value) VALUES (1, 'gold', 'Framed-Pool', ':=', E'main\n');
            COPY public.radacct (radacctid, acctsessionid, username, acctstoptime, acctinputoctets) FROM stdin;
            1	s1	kita	\N	4294967300
            2	s2	kita	2026-01-01 00:00:00+00	1
            \.
            """;
        var read = RadiusFiles.Read([new ImportFile("x.sql", Dump)], 1_000);
        Assert.Equal([("kita", "gold"), ("mina\tmi", "silver")], read.Memberships.Select(static each => (each.User, each.Group)));
        Assert.Equal("main\n", Assert.Single(read.GroupReplies).Value);
        Assert.Equal(("s1", 4_294_967_300L), Assert.Single(read.OpenSessions) is var session ? (session.SessionId, session.OctetsIn) : default);
        Assert.Empty(read.Problems);
    }

    [Fact]
    public void Tables_as_csv_are_read_and_a_short_line_is_told()
    {
        var read = RadiusFiles.Read([new ImportFile("radreply.csv", "id;username;attribute;op;value\n1;kita;Framed-IP-Address;:=;198.51.100.7\n2;kita;Framed-Route\n3;;Class;=;x\n"), new ImportFile("notes.txt", "x")], 1_000);
        Assert.Equal("198.51.100.7", Assert.Single(read.UserReplies).Value);
        Assert.Equal([3, 4, 0], read.Problems.Select(static problem => problem.Line));
        Assert.All(read.Problems, static problem => Assert.True(problem.IsError));
    }

    [Fact]
    public void Clients_conf_gives_access_servers_and_tells_what_it_leaves()
    {
        const string Conf = """
            # our BRASes
            client bras-1 {
                ipaddr = 192.0.2.1   # the loopback
                secret = "with # and \"quotes\""
                nas_type = mikrotik
                require_message_authenticator = yes
                limit {
                    max_connections = 16
                }
            }
            client 192.0.2.16/28 {
                secret = testing123
                shortname = hotspots
                virtual_server = guests
            }
            $INCLUDE more.conf
            client open {
                secret = x
            """;
        var read = RadiusFiles.Read([new ImportFile("clients.conf", Conf)], 1_000);
        Assert.Equal(
            [("bras-1", "192.0.2.1", "with # and \"quotes\"", "mikrotik", (bool?)true), ("hotspots", "192.0.2.16/28", "testing123", "", null)],
            read.Clients.Select(static client => (client.Name, client.Sources[0], client.Secret, client.Kind, client.RequiresMessageAuthenticator)));
        Assert.Equal([7, 11, 16, 17], read.Problems.Select(static problem => problem.Line).Order());
    }

    [Fact]
    public void The_users_file_gives_checks_and_replies_and_default_entries_are_told()
    {
        const string Users = """
            # comment
            kita    Cleartext-Password := "a, b", Simultaneous-Use := 1
                    Framed-IP-Address = 198.51.100.7,
                    Framed-Route = "203.0.113.0/24 198.51.100.7 1"  # behind it
            "two words" Auth-Type := Reject
            DEFAULT  Group == "x", Framed-Protocol == PPP
                    Fall-Through = Yes
            """;
        var read = RadiusFiles.Read([new ImportFile("users", Users)], 1_000);
        Assert.Equal([("kita", "Cleartext-Password", ":=", "a, b"), ("kita", "Simultaneous-Use", ":=", "1"), ("two words", "Auth-Type", ":=", "Reject")], read.UserChecks.Select(static item => (item.Of, item.Attribute, item.Operator, item.Value)));
        Assert.Equal([("Framed-IP-Address", "198.51.100.7"), ("Framed-Route", "203.0.113.0/24 198.51.100.7 1")], read.UserReplies.Select(static item => (item.Attribute, item.Value)));
        Assert.Equal(6, Assert.Single(read.Problems).Line);
    }

    [Theory]
    [InlineData("Cleartext-Password", "secret", LinePasswordForm.Clear)]
    [InlineData("User-Password", "secret", LinePasswordForm.Clear)]
    [InlineData("NT-Password", "0x0CB6948805F797BF2A82807973B89537", LinePasswordForm.NtHash)]
    [InlineData("Crypt-Password", "$6$abc$0123456789012345678901234567890123456789012345678901234567890123456789012345678901234", LinePasswordForm.Crypt)]
    [InlineData("MD5-Password", "5ebe2294ecd0e0f08eab7690d2a6ee69", LinePasswordForm.Md5)]
    [InlineData("SSHA-Password", "uEk0lqcOOpkQmOvFHEqe3Hz5O4pzYWx0", LinePasswordForm.Ssha1)]
    [InlineData("SHA2-Password", "2bb80d537b1da3e38bd30361aa855686bde0eacd7162fef6a25fe97bf527a25b", LinePasswordForm.Sha256)]
    [InlineData("Password-With-Header", "{SSHA}uEk0lqcOOpkQmOvFHEqe3Hz5O4pzYWx0", LinePasswordForm.Ssha1)]
    [InlineData("Password-With-Header", "e2NsZWFyfXNlY3JldA==", LinePasswordForm.Clear)]
    [InlineData("Password-With-Header", "secret", LinePasswordForm.Clear)]
    [InlineData("NT-Password", "0CB69488", LinePasswordForm.None)]
    [InlineData("MD5-Password", "not hex and not base64", LinePasswordForm.None)]
    [InlineData("Password-With-Header", "{argon2}x", LinePasswordForm.None)]
    [InlineData("Cleartext-Password", "", LinePasswordForm.None)]
    public void A_password_is_kept_in_the_form_it_came_in(string attribute, string value, LinePasswordForm form)
    {
        var password = RadiusPasswords.TryRead(attribute, value, out var whyNot);
        Assert.Equal(form, password?.Form ?? LinePasswordForm.None);
        Assert.Equal(form == LinePasswordForm.None, whyNot is { Length: > 0 });
    }

    [Fact]
    public void Keas_journal_holds_the_last_word_of_an_address()
    {
        List<ImportProblem> problems = [];
        var leases = KeaLeases.Read(
            new ImportFile(
                "kea-leases6.csv",
                """
                address,duid,valid_lifetime,expire,subnet_id,pref_lifetime,lease_type,iaid,prefix_len,fqdn_fwd,fqdn_rev,hostname,hwaddr,state,user_context
                2001:db8:40::,00:01:02,3600,4000000000,1,1800,2,7,56,0,0,,,0,
                2001:db8::7,00:01:02,3600,4000000000,1,1800,0,8,128,0,0,cpe,,0,
                2001:db8::8,00:01:03,3600,4000000000,1,1800,0,8,128,0,0,,,0,
                2001:db8::8,00:01:03,0,4000000000,1,1800,0,8,128,0,0,,,0,
                nonsense,00,1,2,3,4,5,6,7,8,9,,,0,
                """),
            1_000, problems);
        Assert.Equal([("2001:db8:40::/56", "00:01:02/7", ""), ("2001:db8::7/128", "00:01:02/8", "cpe")], leases.Select(static lease => (lease.Block.ToString(), lease.Client, lease.HostName)));
        Assert.Equal(6, Assert.Single(problems).Line);
    }

    [Fact]
    public void Keas_reservations_are_found_wherever_they_stand()
    {
        List<ImportProblem> problems = [];
        var found = KeaReservations.Read(
            new ImportFile(
                "kea.json",
                """
                # the lab
                { "Dhcp4": { /* old */ "subnet4": [ { "subnet": "198.51.100.0/24", "reservations": [
                    { "hw-address": "02:00:5e:00:53:01", "ip-address": "198.51.100.9", "hostname": "cpe" },
                    { "circuit-id": "'olt1/1/3'", "ip-address": "198.51.100.300" }, { "hostname": "nobody" } ] } ] },
                  "Dhcp6": { "reservations": [ { "flex-id": "6f6c7432", "prefixes": [ "2001:db8:41::/56" ] } ], } }
                """),
            problems);
        Assert.Equal(
            [("hw-address 02:00:5e:00:53:01", "", "198.51.100.9/32"), ("circuit-id 'olt1/1/3'", "olt1/1/3", ""), ("flex-id 6f6c7432", "olt2", "2001:db8:41::/56")],
            found.Select(static each => (each.Client, each.CircuitId, string.Join(' ', each.Blocks))));
        Assert.Equal(2, problems.Count);
    }

    [Fact]
    public void Netbox_and_phpipam_are_told_apart_by_their_heads()
    {
        List<ImportProblem> problems = [];
        var wanted = PlanFiles.Read(
        [
            new ImportFile("prefixes.csv", "Prefix,VRF,Tenant,Site,Status,Role,Description\n198.51.100.0/24,,Kita,Tokyo,Container,access,\"a, b\"\n198.51.100.1/24,,,,Active,,\n"),
            new ImportFile("aggregates.csv", "prefix,rir,description\n198.51.0.0/16,JPNIC,\n"),
            new ImportFile("subnets.csv", "Section;Subnet;Mask;Description;VRF\nISP;203.0.113.0;25;pool;red\n"),
            new ImportFile("what.csv", "a,b\n1,2\n"),
        ], 1_000, problems);
        Assert.Equal(
            [("198.51.100.0/24", "container", "", "Kita", ""), ("198.51.0.0/16", "active", "JPNIC", "", ""), ("203.0.113.0/25", "active", "", "", "red")],
            wanted.Select(static each => (each.Block.ToString(), each.State, each.Rir, each.Tenant, each.Vrf)));
        Assert.Equal([3, 1], problems.Select(static problem => problem.Line));
    }

    [Fact]
    public void Nothing_that_is_written_makes_a_reader_throw()
    {
        var texts = Properties.Bytes("INSERT INTO radcheck (a) VALUES ('\\'`\"();,\n\t{}=:#/*-$client DEFAULT address,prefix", 300).Select(static octets => Encoding.Latin1.GetString(octets));
        Properties.Holds(texts, static text =>
        {
            foreach (var name in (string[])["a.sql", "radcheck.csv", "clients.conf", "users"])
            {
                RadiusLines.Of(RadiusFiles.Read([new ImportFile(name, text)], 100));
            }

            KeaLeases.Read(new ImportFile("l.csv", "address,expire\n" + text), 100, []);
            KeaReservations.Read(new ImportFile("k.json", "{" + text + "}"), []);
            PlanFiles.Read([new ImportFile("p.csv", "prefix,mask\n" + text)], 100, []);
        }, 400);
    }

    [Fact]
    public void As_many_rows_as_the_limit_and_the_rest_is_told()
    {
        List<ImportProblem> problems = [];
        Assert.Equal(3, CsvReader.Read("x", "a\n1\n2\n", 2, problems).Count);
        Assert.Empty(problems);
        CsvReader.Read("x", "a\n1\n2\n3\n", 2, problems);
        Assert.Contains("more than 2 lines", Assert.Single(problems).Message, StringComparison.Ordinal);
    }
}
