using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;
using Tsunagi.Core.Verbs;
using Tsunagi.Mail.Classify;
using Tsunagi.Protocols.Mail.Classify;

namespace Tsunagi.Mail.Verbs;

/// <summary>tsunagi mail train | classify: the classifier on files, without the program.</summary>
internal static class ClassifyVerbs
{
    private static readonly TimeSpan TellEvery = TimeSpan.FromSeconds(2);
    private static readonly VerbParameter Model = new("--model", $"the model's file; {ModelPath.FileName} in the data directory without it");

    public static readonly IReadOnlyList<Verb> All =
    [
        new("train", "Make the shared model of the classifier from examples: directories, maildirs, mbox files, tar archives", [
            new("--spam", "unwanted mail", Required: true, Many: true),
            new("--ham", "wanted mail", Required: true, Many: true),
            Model,
            new("--ham-hits", "how much of the wanted mail may be taken for spam, in percent (0.3): fixes the threshold", Value: VerbValue.Number),
        ], TrainAsync),
        new("classify", "Judge messages with a model: of each its file, the verdict, the score and what speaks for it", [
            new("PATH", "a directory, a maildir, a message, an mbox file, or a tar archive", Required: true, Many: true),
            Model,
            new("--top", "how many reasons of each side (5)", Value: VerbValue.Whole, Least: 0, Most: 50),
        ], ClassifyAsync),
    ];

    private static async Task<int> TrainAsync(VerbContext context, CancellationToken cancellationToken)
    {
        var hits = context["--ham-hits"] is { } given ? double.Parse(given, CultureInfo.InvariantCulture) : 0.3;
        if (hits is < 0 or > 20)
        {
            throw new WrongInputException("--ham-hits is a share in percent, from 0 to 20");
        }

        var path = PathOf(context);
        var trainer = new ModelTrainer(TrainingOptions.Default with { HamHits = hits / 100 });
        await ReadAsync(context, trainer, "--spam", isSpam: true, cancellationToken);
        await ReadAsync(context, trainer, "--ham", isSpam: false, cancellationToken);
        var told = Stopwatch.GetTimestamp();
        var model = trainer.Train(
            done =>
            {
                if (Stopwatch.GetElapsedTime(told) > TellEvery)
                {
                    told = Stopwatch.GetTimestamp();
                    context.Error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"training: {100 * done:0} %"));
                }
            },
            cancellationToken);
        if (model is null)
        {
            throw new WrongInputException($"{trainer.Spam} spam and {trainer.Ham} wanted messages are too few: at least 4 of each are needed, and some hundreds to be of use");
        }

        var file = ModelFile.Write(model);
        ModelPath.Write(path, file);
        context.Print([], [], !context.Json ? null : new JsonObject
        {
            ["model"] = path, ["bytes"] = file.Length, ["spam"] = model.Spam, ["ham"] = model.Ham, ["threshold"] = model.Threshold,
            ["spamCaught"] = trainer.SpamCaught, ["hamHit"] = trainer.HamHit,
        });
        context.Say(string.Create(CultureInfo.InvariantCulture, $"trained with {model.Spam} spam and {model.Ham} wanted messages; {file.Length / 1e6:0.0} MB in {path}"));
        context.Say(string.Create(
            CultureInfo.InvariantCulture, $"of its examples, each judged by a model that did not know it: {100 * trainer.SpamCaught:0.0} % of spam caught, {100 * trainer.HamHit:0.00} % of wanted mail hit"));
        return 0;
    }

    private static async Task ReadAsync(VerbContext context, ModelTrainer trainer, string option, bool isSpam, CancellationToken cancellationToken)
    {
        var tokens = new MessageTokens();
        var files = new MessageFiles();
        var (count, told) = (0, Stopwatch.GetTimestamp());
        foreach (var given in context.Values(option))
        {
            var before = count;
            await foreach (var message in files.ReadAsync(context.Home.File(given), cancellationToken))
            {
                tokens.Read(message.Content);
                if (!trainer.Add(tokens, isSpam))
                {
                    await context.Error.WriteLineAsync($"{option} {given}: there are as many examples as are taken ({trainer.Spam + trainer.Ham}); the rest is left away");
                    return;
                }

                count++;
                told = await TellAsync(context, told, $"{option}: {count} messages read");
            }

            if (count == before)
            {
                throw new WrongInputException($"{option} {given} holds no messages");
            }
        }

        await TellPassedOverAsync(context, files);
    }

    private static async Task<int> ClassifyAsync(VerbContext context, CancellationToken cancellationToken)
    {
        var most = context["--top"] is { } top ? int.Parse(top, CultureInfo.InvariantCulture) : 5;
        var model = ModelPath.Read(PathOf(context));
        var tokens = new MessageTokens();
        var files = new MessageFiles();
        var (spam, count, told) = (0, 0, Stopwatch.GetTimestamp());
        foreach (var given in context.Values("PATH"))
        {
            await foreach (var message in files.ReadAsync(context.Home.File(given), cancellationToken))
            {
                tokens.Read(message.Content);
                var found = MessageClassifier.Classify(tokens, model, null, most);
                (spam, count) = (spam + (found.IsSpam ? 1 : 0), count + 1);
                await context.Out.WriteLineAsync(context.Json ? ToJson(message.Name, found).ToJsonString() : ToLine(message.Name, found));
                told = Console.IsOutputRedirected ? await TellAsync(context, told, $"{count} messages judged") : told;
            }
        }

        await TellPassedOverAsync(context, files);
        if (count == 0)
        {
            throw new WrongInputException($"{string.Join(", ", context.Values("PATH"))}: there are no messages");
        }

        context.Say($"{spam} of {count} are spam", VerbTone.Muted);
        return 0;
    }

    private static JsonObject ToJson(string file, Classification found) => new()
    {
        ["file"] = file,
        ["verdict"] = found.IsSpam ? "spam" : "ham",
        ["score"] = Math.Round(found.Score, 4),
        ["evidence"] = new JsonArray([.. (found.IsSpam ? found.ForSpam.Concat(found.ForHam) : found.ForHam.Concat(found.ForSpam)).Select(static one => (JsonNode)new JsonObject
        {
            ["token"] = one.Feature.Text, ["where"] = FeatureWords.Of(one.Feature.Kind).En, ["weight"] = Math.Round(one.Weight, 4),
        })]),
    };

    private static string ToLine(string file, Classification found) => string.Create(
        CultureInfo.InvariantCulture, $"{(found.IsSpam ? "spam" : "ham"),-4} {found.Score:0.00} {file}  {string.Join(", ", (found.IsSpam ? found.ForSpam : found.ForHam).Select(static one => FeatureWords.Say(one.Feature).En))}");

    private static string PathOf(VerbContext context) => context["--model"] is { } given ? context.Home.File(given) : Path.Combine(context.Home.DataDirectory, ModelPath.FileName);

    private static async ValueTask<long> TellAsync(VerbContext context, long told, string what)
    {
        if (Stopwatch.GetElapsedTime(told) <= TellEvery)
        {
            return told;
        }

        await context.Error.WriteLineAsync(what);
        return Stopwatch.GetTimestamp();
    }

    private static async ValueTask TellPassedOverAsync(VerbContext context, MessageFiles files)
    {
        if (files.Foreign + files.TooLarge > 0)
        {
            await context.Error.WriteLineAsync($"passed over: {files.Foreign} files that are no messages, {files.TooLarge} that are longer than is read");
        }
    }
}
