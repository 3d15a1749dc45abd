using System.Diagnostics;
using Tsunagi.Mail.Import;
using Tsunagi.Tests.Testing;

namespace Tsunagi.Tests.Mail.Import;

/// <summary>What Postfix's own files say, held against postconf and postmap where they are installed.</summary>
public sealed class Files_of_postfix
{
    private const string Main = """
        # a comment
        compatibility_level = 3.6
        myhostname = mx.provider.example
        table = /T
        customers = one.example,
           two.example
          # a comment within
           $more
        more = three.example
        relay_domains = old.example
        relay_domains = ${customers}, $(table)/domains hash:$table/relay
        relay_recipient_maps = texthash:$table/recipients, regexp:/T/patterns, inline:{ Extra@one.example=OK, {spaced@one.example = a b} }
        transport_maps = hash:/T/transport
        virtual_alias_maps = hash:/T/virtual ldap:/T/people.cf
        mydestination = $myhostname, own.example localhost.$mydomain
        broken
        smtpd_banner = ${nobody?{yes}:{no}}
        """;

    private static readonly Dictionary<string, string> Files = new()
    {
        ["/T/domains"] = "four.example # no comment here\n\n# one\nfive.example\n!six.example .seven.example\n",
        ["/T/relay"] = "eight.example  anything\nnovalue\n",
        ["/T/recipients"] = "Info@One.example  OK\ninfo@one.example again\nsales@one.example\n   OK\n\"quoted local\"@one.example OK\n@two.example OK\n",
        ["/T/transport"] = "one.example  smtp:[mail.one.example]:2525\n.example relay:[192.0.2.9]\ntwo.example :\nthree.example lmtp:unix:x\nfour.example smtp:mx.four.example\nfive.example smtp:[a.example], [b.example]\neight.example :[ipv6:2001:db8::1]:smtp\nboss@one.example smtp:[x.example]\n",
        ["/T/virtual"] = "a@one.example b@one.example\nb@one.example INFO@one.example\nall@one.example info@one.example, sales@one.example\nloop@one.example loop@one.example\nalias.example anything\nx@alias.example y@elsewhere.example\n@two.example info@one.example\n",
    };

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public void Domains_have_their_next_hops_recipients_and_aliases_and_the_rest_is_told_with_its_place()
    {
        var (domains, problems) = Read(Main, Files);
        Assert.Equal(
            [
                "one.example mail.one.example:2525 list a@one.example>info@one.example b@one.example>info@one.example",
                "two.example ? all it goes where its MX records point, which here would be the gateway itself: name the server in transport_maps as smtp:[host]",
                "three.example ? list the transport lmtp:unix:x is no SMTP to a server: the gateway hands mail on by SMTP alone",
                "four.example mx.four.example:25 (MX) list",
                "five.example ? list '[a.example], [b.example]' names several servers; a subscription has one next hop",
                "eight.example [2001:db8::1]:25 list",
            ],
            domains.Where(static domain => domain.Name is not ("#" or "no" or "comment" or "here")).Select(static domain =>
                $"{domain.Name} {domain.NextHop?.ToString() ?? "?"}{(domain.ByMx ? " (MX)" : "")} {(domain.TakesAll ? "all" : "list")}{(domain.WhyNot is { } why ? " " + why : "")}{string.Concat(domain.Aliases.Select(static alias => $" {alias.Address}>{alias.AliasOf}"))}"));
        Assert.Equal(["\"quoted local\"@one.example", "extra@one.example", "info@one.example", "sales@one.example", "spaced@one.example"], domains[0].Mailboxes);
        foreach (var (file, line, told) in ((string, int, string)[])[
            ("/T/main.cf", 16, "no \"name = value\""), ("/T/main.cf", 12, "regexp: tables are not imported"), ("/T/main.cf", 14, "ldap: tables are not imported"), ("/T/domains", 5, "'!six.example' is no name"),
            ("/T/domains", 5, "'.seven.example' is no name"), ("/T/relay", 2, "no value"), ("/T/transport", 8, "boss@one.example has a transport of its own"), ("/T/virtual", 3, "all@one.example stands for no single mailbox"),
            ("/T/virtual", 4, "loop@one.example stands for no single mailbox"), ("/T/virtual", 7, "@two.example rewrites every address")])
        {
            Assert.Contains(problems.All, problem => problem.IsError && problem.File == file && problem.Line == line && problem.Message.Contains(told, StringComparison.Ordinal));
        }

        Assert.Contains(problems.All, static problem => !problem.IsError && problem.Message.StartsWith("own.example (mydestination)", StringComparison.Ordinal));
        Assert.Contains(problems.All, static problem => !problem.IsError && problem.Message.StartsWith("alias.example (virtual_alias_domains)", StringComparison.Ordinal));
    }

    [Fact]
    public void A_condition_a_circle_and_a_value_that_grows_without_end_are_told_and_nothing_is_made_of_them()
    {
        foreach (var (main, told) in ((string, string)[])[
            ("relay_domains = ${x?a.example}\n", "is a condition"),
            ("relay_domains = $a\na = $b\nb = $a\n", "in a circle"),
            ("relay_domains = $a\n" + string.Concat(Enumerable.Range('a', 18).Select(static c => $"{(char)c} = ${(char)(c + 1)}.$({(char)(c + 1)})\n")) + "s = x.example\n", "characters"),
            ("relay_domains = ${open\n", "is a condition, or no name")])
        {
            var (domains, problems) = Read(main, []);
            Assert.Empty(domains);
            Assert.Contains(problems.All, problem => problem.IsError && problem.Message.Contains(told, StringComparison.Ordinal));
        }
    }

    [Fact]
    public void Entries_are_read_to_their_limit_and_one_more_is_told()
    {
        foreach (var (limit, isTold) in ((int, bool)[])[(3, false), (2, true)])
        {
            var problems = new ImportProblems();
            var maps = new PostfixMaps(static _ => "a@x.example OK\nb@x.example OK\nc@x.example OK\n", problems, limit);
            Assert.Equal(limit, maps.Tables(MainCf.Read("/T/main.cf", "m = hash:/T/x\n", problems), "m").Count);
            Assert.Equal(isTold, problems.All.Any(static problem => problem.IsError));
        }
    }

    [Fact]
    public async Task Values_are_those_of_postconf()
    {
        using var directory = new TemporaryDirectory();
        var main = Main.Replace("broken\n", "", StringComparison.Ordinal).Replace("/T", directory.Path, StringComparison.Ordinal);
        await File.WriteAllTextAsync(Path.Combine(directory.Path, "main.cf"), main, Cancel);
        await File.WriteAllTextAsync(Path.Combine(directory.Path, "master.cf"), "", Cancel);
        var read = MainCf.Read(Path.Combine(directory.Path, "main.cf"), main, new ImportProblems());
        foreach (var name in (string[])["relay_domains", "transport_maps", "relay_recipient_maps", "virtual_alias_maps", "mydestination", "virtual_alias_domains", "relay_transport", "mydomain", "relayhost"])
        {
            var told = await RunAsync("/usr/sbin/postconf", "-x", "-c", directory.Path, "-h", name);
            Assert.Equal(PostfixLines.Words(told), PostfixLines.Words(read.Value(name)));
        }
    }

    [Fact]
    public async Task Entries_are_those_of_postmap()
    {
        using var directory = new TemporaryDirectory();
        await File.WriteAllTextAsync(Path.Combine(directory.Path, "main.cf"), "compatibility_level = 3.6\n", Cancel);
        foreach (var (file, text) in Files.Where(static pair => pair.Key is "/T/recipients" or "/T/transport" or "/T/virtual"))
        {
            var path = Path.Combine(directory.Path, Path.GetFileName(file));
            await File.WriteAllTextAsync(path, text, Cancel);
            var ours = new PostfixMaps(_ => text, new ImportProblems()).Tables(MainCf.Read("/main.cf", $"m = texthash:{path}\n", new ImportProblems()), "m");
            var listed = (await RunAsync("/usr/sbin/postmap", "-c", directory.Path, "-s", "texthash:" + path)).Split('\n', StringSplitOptions.RemoveEmptyEntries);
            Assert.Equal(listed.Order(StringComparer.Ordinal), ours.Values.Select(static entry => $"{entry.Key}\t{entry.Value}").Order(StringComparer.Ordinal));
            foreach (var key in ours.Keys)
            {
                Assert.Equal(ours[key].Value, (await RunAsync("/usr/sbin/postmap", "-c", directory.Path, "-q", key, "texthash:" + path)).TrimEnd('\n'));
            }
        }
    }

    internal static (IReadOnlyList<PostfixDomain> Domains, ImportProblems Problems) Read(string main, Dictionary<string, string> files)
    {
        var problems = new ImportProblems();
        return (PostfixSetup.Read("/T/main.cf", path => path == "/T/main.cf" ? main : files.GetValueOrDefault(path), problems), problems);
    }

    private static async Task<string> RunAsync(string program, params string[] arguments)
    {
        Assert.SkipUnless(File.Exists(program), $"{program} is not installed");
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var (output, error) = (process.StandardOutput.ReadToEndAsync(Cancel), process.StandardError.ReadToEndAsync(Cancel));
        await process.WaitForExitAsync(Cancel);
        Assert.True(process.ExitCode == 0, $"{program} {string.Join(' ', arguments)}: {await error}");
        return await output;
    }
}
