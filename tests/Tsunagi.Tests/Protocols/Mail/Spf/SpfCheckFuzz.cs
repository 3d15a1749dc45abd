using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;
using Tsunagi.Protocols.Mail.Lookup;
using Tsunagi.Protocols.Mail.Spf;
using Tsunagi.Tests.Testing;
using Tsunagi.Tests.Testing.Fuzz;

namespace Tsunagi.Tests.Protocols.Mail.Spf;

/// <summary>Whole checks against a DNS whose answers are drawn from the names asked for. The work keeps to the limits whatever is published.</summary>
public sealed class SpfCheckFuzz : FuzzTarget
{
    public override string Name => "spf.check";

    public override IReadOnlyList<Type> Parsers => [typeof(SpfCheck), typeof(SpfEvaluation), typeof(SpfMacroExpansion)];

    public override IReadOnlyList<byte[]> Words { get; } = Latin1("\n", "v=spf1 ", "include:r1.example.com ", "redirect=r0.example.com", "exp=r2.example.com", "-all", "mx ", "ptr ", "exists:%{i}.example.com ", "%{p}", "\u00e9");

    public override byte[] Generate(Random random)
    {
        // One line a record: of r0, r1, r2 …; the check begins at r0.
        var lines = new List<string>();
        for (int i = random.Next(1, 4); i > 0; i--)
        {
            lines.Add(random.Next(8) == 0
                ? Pick(random, "Not from %{c} at %{t} by %{r}", "bad %{z}", "caf\u00e9", "v=spf1", "v=spf1 -all\tv=spf1 +all", "TEMP", "%{l}")
                : "v=spf1 " + string.Join(' ', Enumerable.Range(0, random.Next(1, 8)).Select(_ => Valid(random))));
        }

        return Octets.Of(string.Join('\n', lines));
    }

    private static string Valid(Random random) => Pick(random,
        "a", "mx", "ptr", "-ptr:example.com", "a:%{p}.example.com", $"include:r{random.Next(4)}.example.com", $"include:r{random.Next(4)}.example.com", $"redirect=r{random.Next(4)}.example.com", $"exp=r{random.Next(3)}.example.com", "-all", "~all", "ip4:192.0.2.0/24",
        $"ip4:192.0.2.1/{random.Next(33)}", $"ip6:2001:db8::/{random.Next(129)}", "exists:%{ir}.%{l1r-}.example.com", "exists:%{S}.x.example.com", $"a:{new string('a', 70)}.example.com", $"mx:m{random.Next(16)}.example.com", $"a:t{random.Next(4)}.example.com", "a:%{o}.%{o}.%{o}.%{o}.%{o}.%{o}.%{o}.%{o}.%{o}.%{o}.%{o}.%{o}.%{o}.%{o}.%{o}.%{o}.%{o}.%{o}.%{o}.%{o}.%{o}.%{o}.%{o}.%{o}.%{o}.example.com", "a:no.example.com");

    public override void Run(byte[] input)
    {
        foreach ((string ip, string sender, string helo) in ((string, string, string)[])[("192.0.2.1", "joe-x@r0.example.com", "h.example.com"), ("2001:db8::1", "", "r0.example.com"), ("::ffff:192.0.2.7", "\u5c71@r0.example.com", "x"), ("192.0.2.1", "a@\ud800", "")])
        {
            var dns = new Drawn(Octets.Show(input).Split('\n'));
            var query = new SpfQuery { ClientAddress = IPAddress.Parse(ip), Sender = sender, HeloName = helo };
            ValueTask<SpfResult> running = SpfCheck.RunAsync(query, dns, null, CancellationToken.None);
            Promise(running.IsCompleted, "a DNS that answers at once is answered at once");
            SpfResult result = Completed.Of(running);
            Promise(result.Lookups <= 11 && result.VoidLookups <= 3, "the limits hold");
            Promise(dns.Asked <= 11 * 12 + 24, $"{dns.Asked} questions were asked");
            Promise(result.Steps.Length <= 500 && result.Reason.Length > 0, "steps and reason are there");
            Promise(result.Explanation is null || (result.Verdict == SpfVerdict.Fail && !result.Explanation.AsSpan().ContainsAnyExceptInRange(' ', '~')), "only a fail is explained, in ASCII");
        }
    }

    private sealed class Drawn(string[] records) : IMailDns
    {
        public int Asked { get; private set; }

        public ValueTask<MailDnsAnswer<string>> TxtAsync(string name, CancellationToken cancellationToken)
        {
            Check(name);
            int index = name.StartsWith('r') && name.EndsWith(".example.com", StringComparison.Ordinal) && name.Length == 14 ? name[1] - '0' : -1;
            return ValueTask.FromResult(index < 0 || index >= records.Length ? new MailDnsAnswer<string>(MailDnsStatus.NameError)
                : records[index] == "TEMP" ? new MailDnsAnswer<string>(MailDnsStatus.TempError)
                : new MailDnsAnswer<string>(records[index].Split('\t').ToImmutableArray()));
        }

        public ValueTask<MailDnsAnswer<IPAddress>> AddressesAsync(string name, AddressFamily family, CancellationToken cancellationToken)
        {
            Check(name);
            return ValueTask.FromResult(name[0] switch
            {
                't' => new MailDnsAnswer<IPAddress>(MailDnsStatus.TempError),
                'n' or 'r' => new MailDnsAnswer<IPAddress>(MailDnsStatus.NameError),
                _ => new MailDnsAnswer<IPAddress>(IPAddress.Parse(family == AddressFamily.InterNetworkV6 ? "2001:db8::1" : "192.0.2.1")),
            });
        }

        public ValueTask<MailDnsAnswer<MailExchange>> ExchangesAsync(string name, CancellationToken cancellationToken)
        {
            Check(name);
            return ValueTask.FromResult(name.StartsWith('r')
                ? new MailDnsAnswer<MailExchange>(MailDnsStatus.NoData)
                : new MailDnsAnswer<MailExchange>([.. Enumerable.Range(0, name.Length).Select(i => new MailExchange(i, i % 3 == 0 ? "" : $"n{i}.example.com")).Append(new MailExchange(99, "n.example.com"))]));
        }

        public ValueTask<MailDnsAnswer<string>> NamesAsync(IPAddress address, CancellationToken cancellationToken)
        {
            Asked++;
            return ValueTask.FromResult(new MailDnsAnswer<string>("client.example.com.", "t.example.com", "", "c.r0.example.com"));
        }

        private void Check(string name)
        {
            Asked++;
            Promise(name.Length is > 0 and <= 253 && name.Split('.').All(label => label.Length is > 0 and <= 63), $"'{name}' is a name that can be asked for");
        }
    }
}
