using System.Diagnostics;
using System.Globalization;
using System.Net;
using Microsoft.Extensions.Logging.Abstractions;
using Tsunagi.Core.Nodes;
using Tsunagi.Mail.Checks;
using Tsunagi.Mail.Checks.Attachments;
using Tsunagi.Mail.Checks.Classifier;
using Tsunagi.Mail.Checks.Header;
using Tsunagi.Mail.Classify;
using Tsunagi.Mail.Verdict;
using Tsunagi.Protocols.Mail.Classify;
using Tsunagi.Protocols.Mail.Smtp;
using Tsunagi.Tests.Testing;

namespace Tsunagi.Proofs.Mail;

/// <summary>
/// Five times: the corpus is cut into halves by a seed, each kind by itself; the model is trained with one half, which also fixes its threshold; the other half goes through the checks
/// that need no network and the built-in policy, and counts as caught with the points that policy tags from. Nothing is chosen by the half that is judged. Then mail of
/// today that nobody trained with, for false alarms. Rspamd learns the same half and judges the same other one, with its own thresholds.
/// </summary>
internal sealed class FilterAccuracy : IClaim
{
    private const string Corpus = "data/mail/corpus/spamassassin-shared.tar.xz";
    private const int Splits = 5;
    private const int Business = 2_000;

    // Rspamd takes minutes to learn a half: it does the first one, and more while there is time.
    private static readonly TimeSpan PeerTime = TimeSpan.FromMinutes(2);
    private static readonly ReversePath Sender = ReversePath.TryParse("<sender@proof.example>"u8, out var path) ? path : throw new InvalidOperationException("the proof's own address is none");

    public string Name => "mail.filter-accuracy";

    public string Promise => "trained with a half of the public corpus, five times: of the other half ≥ 97.5 % of the spam is caught with ≤ 1 easy ham hit and ≤ 5 % of the hard ham, and ≤ 1 % of 2,000 business mails of today";

    public bool IsCorrectness => false;

    public async Task<IReadOnlyList<Figure>> MeasureAsync(Progress progress, CancellationToken cancellationToken)
    {
        if (SharedFiles.Find(Corpus) is not { } corpus)
        {
            return [new Figure("the corpus", "absent", "present", Holds: false)];
        }

        List<MessageFile> all = [];
        await foreach (var message in new MessageFiles().ReadAsync(corpus, cancellationToken))
        {
            all.Add(message);
        }

        Console.WriteLine($"  {RspamdInstance.Configuration}");
        Console.WriteLine("  ours: header, attachments and classifier with the built-in policy; caught = tagged by points; no resolver, no virus scanner");
        var directory = Directory.CreateTempSubdirectory("tsunagi-proof-").FullName;

        // Rspamd runs as a user of its own.
        File.SetUnixFileMode(directory, (UnixFileMode)0b111_101_101);
        try
        {
            List<Outcome> outcomes = [];
            List<Caught> peers = [];
            var peerTime = new Stopwatch();
            var whyNoPeer = RspamdInstance.WhyNot();
            for (var split = 1; split <= Splits; split++)
            {
                progress.Say($"split {split} of {Splits}");
                var (training, judged) = Halves(all, split);
                outcomes.Add(await SplitAsync(training, judged, split, directory, cancellationToken));
                Show($"split {split}", outcomes[^1].Caught);
            }

            for (var split = 1; split <= Splits && whyNoPeer is null && peerTime.Elapsed < PeerTime; split++)
            {
                progress.Say($"split {split} of {Splits}: rspamd");
                peerTime.Start();
                try
                {
                    var (training, judged) = Halves(all, split);
                    peers.Add(await PeerAsync(training, judged, Path.Combine(directory, "rspamd"), cancellationToken));
                    Show($"split {split}, rspamd", peers[^1]);
                }
                catch (InvalidOperationException e)
                {
                    whyNoPeer = e.Message;
                }

                peerTime.Stop();
            }

            return [.. Figures(outcomes, peers, whyNoPeer), Cost(all, Path.Combine(directory, "1.model"))];
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    private static void Show(string what, Caught caught) => Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  {what}: {caught.Spam:0.0} % of spam, {caught.Easy} easy and {caught.Hard:0.0} % of hard ham hit"));

    private static IEnumerable<Figure> Figures(List<Outcome> outcomes, List<Caught> peers, string? whyNoPeer)
    {
        static string Of<T>(List<T> all, Func<T, double> of, string format) => "each split: " + string.Join(", ", all.Select(one => of(one).ToString(format, CultureInfo.InvariantCulture)));
        string Each(Func<Outcome, double> of, string format) => Of(outcomes, of, format);
        yield return Figure.AtLeast("spam caught, mean", outcomes.Average(static one => one.Caught.Spam), 97.5, "0.0", " %", Each(static one => one.Caught.Spam, "0.0"));
        yield return Figure.AtLeast("spam caught, worst split", outcomes.Min(static one => one.Caught.Spam), 97.5, "0.0", " %");
        yield return Figure.AtMost("easy ham hit, worst split", outcomes.Max(static one => one.Caught.Easy), 1, "0", "", Each(static one => one.Caught.Easy, "0"));
        yield return Figure.AtMost("hard ham hit, mean", outcomes.Average(static one => one.Caught.Hard), 5, "0.0", " %", Each(static one => one.Caught.Hard, "0.0"));
        yield return Figure.AtMost("hard ham hit, worst split", outcomes.Max(static one => one.Caught.Hard), 5, "0.0", " %");
        yield return Figure.AtMost($"business mail of today hit, of {Business}, worst split", outcomes.Max(static one => one.Business), Business / 100, "0", "", Each(static one => one.Business, "0") + "; made by a seed, English and Japanese, never trained with");
        if (peers.Count == 0)
        {
            yield return new Figure("Rspamd trained with the same halves", "not run", Peer: whyNoPeer);
            yield break;
        }

        yield return new Figure("Rspamd: spam caught, mean", peers.Average(static one => one.Spam).ToString("0.0", CultureInfo.InvariantCulture) + " %", Peer: $"{peers.Count} of the splits; {Of(peers, static one => one.Spam, "0.0")}");
        yield return new Figure("Rspamd: easy ham hit, worst split", peers.Max(static one => one.Easy).ToString("0", CultureInfo.InvariantCulture), Peer: Of(peers, static one => one.Easy, "0"));
        yield return new Figure("Rspamd: hard ham hit, mean", peers.Average(static one => one.Hard).ToString("0.0", CultureInfo.InvariantCulture) + " %", Peer: Of(peers, static one => one.Hard, "0.0"));
        var same = outcomes[..peers.Count];
        var better = same.Average(static one => one.Caught.Spam) > peers.Average(static one => one.Spam) && same.Sum(static one => one.Caught.Easy) <= peers.Sum(static one => one.Easy)
            && same.Average(static one => one.Caught.Hard) <= peers.Average(static one => one.Hard);
        yield return new Figure("more spam, no more ham of either kind than Rspamd in the same splits", better ? "yes" : "no", "yes", better);
    }

    // What reading and judging a message costs one core.
    private static Figure Cost(List<MessageFile> all, string path)
    {
        var model = ModelPath.Read(path);
        var tokens = new MessageTokens();
        double best = double.MaxValue;
        for (var round = 0; round < 3; round++)
        {
            var watch = Stopwatch.StartNew();
            foreach (var message in all)
            {
                tokens.Read(message.Content);
                MessageClassifier.Classify(tokens, model);
            }

            best = Math.Min(best, watch.Elapsed.TotalMicroseconds / all.Count);
        }

        return new Figure("tokens and score of a message, one core", best.ToString("0", CultureInfo.InvariantCulture) + " µs", Peer: $"{all.Count} messages of the corpus, {all.Average(static one => one.Content.Length):0} octets each");
    }

    private static async Task<Outcome> SplitAsync(List<MessageFile> training, List<MessageFile> judged, int seed, string directory, CancellationToken cancellationToken)
    {
        var trainer = new ModelTrainer();
        var tokens = new MessageTokens();
        foreach (var message in training)
        {
            tokens.Read(message.Content);
            trainer.Add(tokens, IsSpam(message));
        }

        var name = string.Create(CultureInfo.InvariantCulture, $"{seed}.model");
        await File.WriteAllBytesAsync(Path.Combine(directory, name), ModelFile.Write(trainer.Train(null, cancellationToken)!), cancellationToken);
        using var shared = new SharedModel(new FilterOptions { ClassifierModel = name }, new Node("proof", "proof", directory), TimeProvider.System, null, NullLogger<SharedModel>.Instance);
        shared.Load();
        ICheck[] checks = [new HeaderCheck(), new AttachmentCheck(new FilterOptions()), new ClassifierCheck(shared)];
        HashSet<string> caught = [];
        foreach (var message in judged)
        {
            if (await IsCaughtAsync(checks, message.Content, cancellationToken))
            {
                caught.Add(message.Name);
            }
        }

        var business = 0;
        for (var number = 0; number < Business; number++)
        {
            business += await IsCaughtAsync(checks, BusinessMail.Make((seed * 100_000) + number), cancellationToken) ? 1 : 0;
        }

        return new Outcome(Caught.Of(judged, caught), business);
    }

    private static async Task<Caught> PeerAsync(List<MessageFile> training, List<MessageFile> judged, string directory, CancellationToken cancellationToken)
    {
        string Put(string name, IEnumerable<MessageFile> messages)
        {
            var to = Path.Combine(directory, name);
            if (Directory.Exists(to))
            {
                Directory.Delete(to, recursive: true);
            }

            Directory.CreateDirectory(to);
            foreach (var message in messages)
            {
                File.WriteAllBytes(Path.Combine(to, FlatName(message)), message.Content);
            }

            return to;
        }

        await using var rspamd = await RspamdInstance.StartAsync(directory, cancellationToken);
        var learned = await rspamd.LearnAsync(Put("spam", training.Where(IsSpam)), isSpam: true, cancellationToken);
        learned += await rspamd.LearnAsync(Put("ham", training.Where(static message => !IsSpam(message))), isSpam: false, cancellationToken);
        if (learned < training.Count / 2)
        {
            throw new InvalidOperationException($"rspamd learned {learned} of {training.Count} messages");
        }

        var names = await rspamd.CaughtAsync(Put("judged", judged), cancellationToken);
        return Caught.Of(judged, [.. judged.Where(message => names.Contains(FlatName(message))).Select(static message => message.Name)]);
    }

    // rspamc passes over files whose names begin with a dot, as "./spam/1" would.
    private static string FlatName(MessageFile message) => message.Name.Replace('/', '_').TrimStart('.', '_');

    private static async ValueTask<bool> IsCaughtAsync(ICheck[] checks, byte[] content, CancellationToken cancellationToken)
    {
        var message = new MessageUnderCheck
        {
            Id = "m_proof", ClientAddress = IPAddress.Loopback, Helo = "proof.example", IsTls = false, ReversePath = Sender, Recipients = 1, Content = content, ForgedFields = 0, Time = DateTimeOffset.UnixEpoch,
        };
        List<Evidence> evidence = [];
        foreach (var check in checks)
        {
            await check.RunAsync(message, evidence, cancellationToken);
        }

        // Tagged as unwanted: what is tagged for its structure or a file alone is another matter.
        return Judge.Decide(evidence, EffectivePolicy.BuiltIn).Points >= EffectivePolicy.BuiltIn.TagPoints;
    }

    private static (List<MessageFile> Training, List<MessageFile> Judged) Halves(List<MessageFile> all, int seed)
    {
        List<MessageFile> training = [], judged = [];
        foreach (var kind in all.GroupBy(static message => Path.GetDirectoryName(message.Name)).OrderBy(static kind => kind.Key, StringComparer.Ordinal))
        {
            var mixed = kind.OrderBy(static message => message.Name, StringComparer.Ordinal).ToArray();
            new Random(seed).Shuffle(mixed);
            training.AddRange(mixed[..(mixed.Length / 2)]);
            judged.AddRange(mixed[(mixed.Length / 2)..]);
        }

        return (training, judged);
    }

    private static bool IsSpam(MessageFile message) => message.Name.Contains("spam", StringComparison.Ordinal);

    private static bool IsHard(MessageFile message) => message.Name.Contains("hard", StringComparison.Ordinal);

    private sealed record Outcome(Caught Caught, int Business);

    // Shares in percent; of the easy ham how many.
    private sealed record Caught(double Spam, int Easy, double Hard)
    {
        public static Caught Of(List<MessageFile> judged, HashSet<string> caught)
        {
            double Share(Func<MessageFile, bool> kind) => 100.0 * judged.Count(message => kind(message) && caught.Contains(message.Name)) / judged.Count(kind);
            return new Caught(Share(IsSpam), judged.Count(message => !IsSpam(message) && !IsHard(message) && caught.Contains(message.Name)), Share(IsHard));
        }
    }
}
