using System.Net;
using System.Net.Sockets;
using Tsunagi.Protocols.Mail.Dkim;
using Tsunagi.Protocols.Mail.Dmarc;
using Tsunagi.Protocols.Mail.Lookup;
using Tsunagi.Protocols.Mail.Spf;
using Tsunagi.Tests.Testing;
using Tsunagi.Tests.Testing.Fuzz;

namespace Tsunagi.Tests.Protocols.Mail.Dmarc;

/// <summary>Evaluations over records drawn for each level of a domain. The work keeps to its limit, and a policy comes from a record that is there.</summary>
public sealed class DmarcFuzz : FuzzTarget
{
    private static readonly string[] Domains = ["a.b.example.com", "x.example.com", "example.com", "com", "1.2.3.4.5.6.7.b.example.com", "b.example.com", "other.example"];

    public override string Name => "dmarc.check";

    public override IReadOnlyList<Type> Parsers => [typeof(DmarcRecord), typeof(DmarcCheck), typeof(TreeWalk), typeof(Walk), typeof(DmarcAlignment)];

    public override IReadOnlyList<byte[]> Words { get; } = Latin1("v=DMARC1;", ";", "p=reject", "sp=none", "np=reject", "psd=y", "psd=n", "t=y", "adkim=s", "rua=mailto:a@b", ",", "!10m", "fo=1:d", "p=x", "\n", "TEMP", "\u00e9");

    // The first line says who writes, who signs and who sends; each further one is the record of a level.
    public override byte[] Generate(Random random)
    {
        var lines = new List<string> { $"{random.Next(Domains.Length)}{random.Next(Domains.Length)}{random.Next(Domains.Length)}{random.Next(4)}" };
        for (int i = 0; i < Domains.Length; i++)
        {
            lines.Add(random.Next(3) == 0 ? Pick(random, "", "TEMP", "v=spf1", "v=DMARC1\tv=DMARC1") : "v=DMARC1;" + string.Join(';', Enumerable.Range(0, random.Next(5)).Select(_ => Pick(random, " p=none", "p=reject", "p=x", "sp=quarantine", "np=reject", "np=x", "psd=y", "psd=n", "psd=u", "t=y", "adkim=s", "aspf=s", "rua=mailto:a@b.example!5m, x", "ruf=mailto:b@c.example", "fo=0:d", "fo=x", "junk", "=", "a=b"))));
        }

        return Octets.Of(string.Join('\n', lines));
    }

    public override void Run(byte[] input)
    {
        string[] lines = Octets.Show(input).Split('\n');
        Promise(DmarcRecord.TryParse(lines[0], out DmarcRecord? any) == any is not null, "a record is read, or there is none");
        string Name(int i) => lines[0].Length > i && lines[0][i] - '0' is >= 0 and < 7 and var d ? Domains[d] : "\u5c71.example";
        char how = lines[0].Length > 3 ? lines[0][3] : '0';
        var dns = new Drawn(lines[1..]);
        var query = new DmarcQuery
        {
            AuthorDomain = Name(0),
            Spf = new SpfResult { Verdict = how == '1' ? SpfVerdict.TempError : how == '2' ? SpfVerdict.Fail : SpfVerdict.Pass, Domain = how == '3' ? "a\ud800" : Name(1) },
            Dkim = [new DkimResult { Verdict = how == '2' ? DkimVerdict.TempError : DkimVerdict.Pass, Reason = "", Signature = new DkimSignature { Domain = Name(2) } }, new DkimResult { Verdict = DkimVerdict.PermError, Reason = "" }],
        };
        ValueTask<DmarcResult> running = DmarcCheck.RunAsync(query, dns, new DmarcOptions { LegacyOrganizationalDomain = how == '0' ? PublicSuffixList.Parse("com").OrganizationalDomain : null }, CancellationToken.None);
        DmarcResult result = Completed.Of(running);
        Promise(dns.Asked <= 8 * 3 + 1, $"{dns.Asked} questions were asked");
        Promise(result.Reason.Length > 0, "a reason is given");
        Promise(result.Verdict is not (DmarcVerdict.Pass or DmarcVerdict.Fail) || result.Record is not null, "a verdict rests on a record");
        Promise(result.Verdict == DmarcVerdict.Fail || result.Disposition == DmarcPolicy.None, "only what fails is acted on");
        Promise(result.Disposition <= result.Policy, "no more is done than was asked for");
        Promise((result.Verdict == DmarcVerdict.Pass) == (result.IsSpfAligned || result.AlignedSignatures.Length > 0), "what is aligned passes");
        Promise(result.Record is null || MailDomain.IsSameOrBelow(result.AuthorDomain, result.PolicyDomain), "a policy is of a domain above");
    }

    private sealed class Drawn(string[] records) : IMailDns
    {
        public int Asked { get; private set; }

        public ValueTask<MailDnsAnswer<string>> TxtAsync(string name, CancellationToken cancellationToken)
        {
            Asked++;
            int index = Array.IndexOf(Domains, name["_dmarc.".Length..]);
            string record = index < 0 || index >= records.Length ? "" : records[index];
            return ValueTask.FromResult(record switch
            {
                "" => new MailDnsAnswer<string>(MailDnsStatus.NameError),
                "TEMP" => new MailDnsAnswer<string>(MailDnsStatus.TempError),
                _ => new MailDnsAnswer<string>([.. record.Split('\t')]),
            });
        }

        public ValueTask<MailDnsAnswer<IPAddress>> AddressesAsync(string name, AddressFamily family, CancellationToken cancellationToken)
        {
            Asked++;
            return ValueTask.FromResult(new MailDnsAnswer<IPAddress>(name.StartsWith('a') ? MailDnsStatus.NameError : MailDnsStatus.NoData));
        }

        public ValueTask<MailDnsAnswer<MailExchange>> ExchangesAsync(string name, CancellationToken cancellationToken) => throw new NotSupportedException();

        public ValueTask<MailDnsAnswer<string>> NamesAsync(IPAddress address, CancellationToken cancellationToken) => throw new NotSupportedException();
    }
}
