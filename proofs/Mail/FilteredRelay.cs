using System.Diagnostics;
using System.Globalization;
using Microsoft.Data.Sqlite;
using Tsunagi.Mail.Classify;
using Tsunagi.Protocols.Mail.Classify;
using Tsunagi.Tests.Testing;

namespace Tsunagi.Proofs.Mail;

/// <summary>
/// The gateway with the full filter beside Postfix with none, in alternating rounds: smtp-source sends one message of today's business mail, filled up to 4 KB, over 10 sessions that stay open; each
/// relay makes it durable before its 250 and hands it to smtp-sink. The gateway looks into every message (header and structure, SPF, DKIM, DMARC and ARC by a resolver, attachments, the classifier with a
/// model of the corpus), judges it by policy, keeps the verdict with its evidence, and writes trace, events and meters.
/// </summary>
internal sealed class FilteredRelay : IClaim
{
    private const string Corpus = "data/mail/corpus/spamassassin-shared.tar.xz";
    private const int Rounds = 5;
    private const int Messages = 2_000;
    private const int Warm = 4_000;
    private const int Counted = 500;
    private const int Learned = 250;
    private const int Octets = 4_096;

    private const string Configurations = """
          both: loopback, one next hop (smtp-sink), 10 client sessions kept open, the same message of 4,096 octets (text and HTML, links), fsync before 250
          gateway: every check on but clamd: header, structure, SPF, DKIM, DMARC, ARC by a resolver that answers NXDOMAIN, attachments, classifier with a model; verdict, evidence, trace, events, meters into SQLite
          postfix: no content checks; default_destination_concurrency_limit=50, default_process_limit=100, no DNS, no chroot, no alias maps
        """;

    public string Name => "mail.filtered-relay";

    public string Promise => "accept, look into and relay 4 KB messages with the full filter, trace, event and meter on: wall rate ≥ 1 × that of Postfix with no filter";

    public bool IsCorrectness => false;

    public async Task<IReadOnlyList<Figure>> MeasureAsync(Progress progress, CancellationToken cancellationToken)
    {
        if ((PostfixInstance.WhyNot() ?? (!File.Exists("/usr/sbin/smtp-source") ? "smtp-source is not installed" : SharedFiles.Find(Corpus) is null ? "the corpus is absent" : null)) is { } whyNot)
        {
            return [new Figure("the claim itself", "not run", "runs", Holds: false, whyNot)];
        }

        Console.WriteLine(Configurations);
        var directory = Directory.CreateTempSubdirectory("tsunagi-proof-").FullName;
        var (sinkPort, port) = (FreePorts.Tcp(), FreePorts.Tcp());
        using var names = new NoNames();
        using var sink = Process.Start(new ProcessStartInfo("/usr/sbin/smtp-sink", ["-u", "nobody", $"127.0.0.1:{sinkPort}", "1000"]))!;
        try
        {
            progress.Say("training");
            var model = await TrainAsync(directory, cancellationToken);
            var message = Put(directory);
            using var gateway = await GatewayProcess.StartAsync(
                directory, port, sinkPort, RelayRound.Domain, cancellationToken, filter: [names.Port.ToString(CultureInfo.InvariantCulture), model]);
            await using var postfix = await PostfixInstance.StartAsync(sinkPort);
            List<RelayRound> ours = [], theirs = [];
            progress.Say("warming both");
            await RelayRound.OfGatewayAsync(gateway, directory, port, Warm, message, cancellationToken);
            await RelayRound.OfPostfixAsync(postfix, Messages / 2, message, cancellationToken);
            for (var round = 1; round <= Rounds; round++)
            {
                progress.Say($"round {round} of {Rounds}");
                ours.Add(await RelayRound.OfGatewayAsync(gateway, directory, port, Messages, message, cancellationToken));
                theirs.Add(await RelayRound.OfPostfixAsync(postfix, Messages, message, cancellationToken));
            }

            progress.Say("counting what each syncs, in a round of its own that is not measured");
            var ourSyncs = await Syncs.CountAsync([gateway.Id], () => RelayRound.OfGatewayAsync(gateway, directory, port, Counted, message, cancellationToken), cancellationToken);
            var theirSyncs = await Syncs.CountAsync(ProcessFamily.Ids(postfix.MasterPid), () => RelayRound.OfPostfixAsync(postfix, Counted, message, cancellationToken), cancellationToken);
            var judged = await JudgedAsync(directory, cancellationToken);
            var compared = new RelayComparison(ours, theirs);
            return [compared.Wall("relayed per second, ours with the filter / Postfix without", 1), compared.Cpu(bar: null), .. compared.Besides(), Looked(judged), Syncs.Show(ourSyncs, theirSyncs, Counted)];
        }
        finally
        {
            sink.Kill();
            await sink.WaitForExitAsync(CancellationToken.None);
            Directory.Delete(directory, recursive: true);
        }
    }

    // A filter that looked at nothing would be fast as well.
    private static Figure Looked((long Messages, long Verdicts, string Evidence) judged) =>
        new("messages with a stored verdict", $"{judged.Verdicts} of {judged.Messages}", "all", judged.Verdicts == judged.Messages && judged.Messages > 0, $"the last one: {judged.Evidence}");

    private static async Task<string> TrainAsync(string directory, CancellationToken cancellationToken)
    {
        List<MessageFile> all = [];
        await foreach (var message in new MessageFiles().ReadAsync(SharedFiles.Find(Corpus)!, cancellationToken))
        {
            all.Add(message);
        }

        var mixed = all.OrderBy(static one => one.Name, StringComparer.Ordinal).ToArray();
        new Random(1).Shuffle(mixed);
        var trainer = new ModelTrainer();
        var tokens = new MessageTokens();
        foreach (var group in mixed.GroupBy(static one => one.Name.Contains("spam", StringComparison.Ordinal)))
        {
            foreach (var message in group.Take(Learned))
            {
                tokens.Read(message.Content);
                trainer.Add(tokens, group.Key);
            }
        }

        var path = Path.Combine(directory, "model");
        await File.WriteAllBytesAsync(path, ModelFile.Write(trainer.Train(null, cancellationToken)!), cancellationToken);
        return path;
    }

    /// <summary>A newsletter of today as smtp-source wants it: lines without CR, of at most 900 octets; filled up with lines of HTML before its last boundary, or cut, to 4,096 octets.</summary>
    private static string Put(string directory)
    {
        const string Boundary = "=_b1";
        var head = $"""
            From: "Northwind News" <news@northwind.example>
            To: b@{RelayRound.Domain}
            Subject: Your order of this week, and what is new in November
            Date: Thu, 26 Nov 2026 10:00:00 +0000
            Message-ID: <4711@northwind.example>
            List-Unsubscribe: <https://news.northwind.example/u/4711>
            MIME-Version: 1.0
            Content-Type: multipart/alternative; boundary="{Boundary}"

            --{Boundary}
            Content-Type: text/plain; charset=utf-8

            Hello Anna,

            your parcel left our house today. Track it at https://track.northwind.example/p/4711 .
            Please find below what is new in November. Kind regards, the team at Northwind.

            --{Boundary}
            Content-Type: text/html; charset=utf-8

            <html><head><style>p {"{"} color: #333 {"}"}</style></head><body><h1>What is new in November</h1>

            """.ReplaceLineEndings("\n");
        const string End = "</body></html>\n--" + Boundary + "--\n";
        var text = new System.Text.StringBuilder(head);
        for (var i = 0; text.Length + End.Length < Octets - 200; i++)
        {
            text.Append(CultureInfo.InvariantCulture, $"<p>Item {i}: a desk lamp for {19 + i}.90 EUR, <a href=\"https://shop.northwind.example/item/{i}?ref=nov\">have a look</a> before Friday.</p>\n");
        }

        text.Append("<p>").Append('x', Math.Max(0, Octets - text.Length - End.Length - 8)).Append("</p>\n").Append(End);
        var path = Path.Combine(directory, "message");
        File.WriteAllText(path, text.ToString());
        return path;
    }

    private static async Task<(long Messages, long Verdicts, string Evidence)> JudgedAsync(string directory, CancellationToken cancellationToken)
    {
        await using var connection = new SqliteConnection($"Data Source={Path.Combine(directory, "projections.db")};Mode=ReadOnly;Pooling=False");
        await connection.OpenAsync(cancellationToken);
        await using var command = connection.CreateCommand();
        command.CommandText = "SELECT (SELECT count(*) FROM mail_message), (SELECT count(*) FROM mail_verdict), (SELECT facts FROM mail_verdict ORDER BY message_id DESC LIMIT 1)";
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        await reader.ReadAsync(cancellationToken);
        Tsunagi.Mail.Verdict.VerdictFacts.TryRead(Convert.FromBase64String(reader.GetString(2)), out var verdict, out _);
        return (reader.GetInt64(0), reader.GetInt64(1), string.Join(", ", verdict.Evidence.Select(static one => one.Evidence.Code)));
    }
}
