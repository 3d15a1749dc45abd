using System.Buffers;
using System.Text.Json;
using Tsunagi.Core.Logs;
using Tsunagi.Mail.Beside;
using Tsunagi.Mail.Checks;
using Tsunagi.Mail.Verdict;

namespace Tsunagi.Mail.Checkv2;

/// <summary>An answer in Rspamd's words: action, score, symbols, and in "milter" what a proxy does to the header.</summary>
internal static class Checkv2Answer
{
    /// <param name="isProxy">Rspamd's proxy asks, for a milter: it knows no action "quarantine", and does the same by a reject that is to be kept.</param>
    public static ReadOnlyMemory<byte> Write(BesideMessage message, BesideAnswer answer, bool isProxy)
    {
        var output = new ArrayBufferWriter<byte>(2048);
        using (var json = new Utf8JsonWriter(output))
        {
            json.WriteStartObject();
            json.WriteBoolean("is_skipped", answer.Verdict is null && answer.Action == PolicyAction.Accept);
            json.WriteNumber("score", answer.Verdict?.Points ?? 0);
            json.WriteNumber("required_score", RequiredBy(answer.Policy));
            json.WriteString("action", isProxy && answer.Action == PolicyAction.Quarantine ? "reject" : Word(answer.Action));
            WriteThresholds(json, answer.Policy);
            WriteSymbols(json, answer.Verdict?.Evidence ?? []);
            if (answer.Action is PolicyAction.Defer or PolicyAction.Reject)
            {
                json.WriteStartObject("messages");
                json.WriteString("smtp_message", TextOf(answer.Reply));
                json.WriteEndObject();
            }

            json.WriteString("message-id", message.MessageId.Length > 0 ? message.MessageId : "undef");
            if (answer.Id != default)
            {
                json.WriteString("tsunagi-id", answer.Id.ToString());
            }

            WriteMilter(json, message, answer, isProxy);
            json.WriteEndObject();
        }

        return output.WrittenMemory;
    }

    // "greylist" is only a hint to Rspamd's own module: whoever asks puts off what is "soft reject".
    private static string Word(PolicyAction action) => action switch
    {
        PolicyAction.Accept => "no action",
        PolicyAction.Tag => "add header",
        PolicyAction.Quarantine => "quarantine",
        PolicyAction.Defer => "soft reject",
        _ => "reject",
    };

    // The hardest that points alone can ask for.
    private static int RequiredBy(EffectivePolicy? policy) =>
        policy is null ? 0 : policy.RejectPoints > 0 ? policy.RejectPoints : policy.QuarantinePoints > 0 ? policy.QuarantinePoints : policy.TagPoints;

    private static void WriteThresholds(Utf8JsonWriter json, EffectivePolicy? policy)
    {
        json.WriteStartObject("thresholds");
        foreach (var (name, points) in (ReadOnlySpan<(string, int)>)[("reject", policy?.RejectPoints ?? 0), ("quarantine", policy?.QuarantinePoints ?? 0), ("add header", policy?.TagPoints ?? 0)])
        {
            if (points > 0)
            {
                json.WriteNumber(name, points);
            }
        }

        json.WriteEndObject();
    }

    // A symbol stands once, however often it was found.
    private static void WriteSymbols(Utf8JsonWriter json, IReadOnlyList<JudgedEvidence> evidence)
    {
        json.WriteStartObject("symbols");
        foreach (var found in evidence.GroupBy(static judged => judged.Evidence.Code, StringComparer.Ordinal))
        {
            var name = SymbolOf(found.Key);
            json.WriteStartObject(name);
            json.WriteString("name", name);
            json.WriteNumber("score", found.Sum(static judged => judged.Points));
            json.WriteNumber("metric_score", found.Sum(static judged => judged.Points));
            json.WriteString("description", VerdictStory.Says(found.First().Evidence).En);
            json.WriteStartArray("options");
            foreach (var value in found.SelectMany(static judged => judged.Evidence.Values))
            {
                json.WriteStringValue(value.Text);
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        json.WriteEndObject();
    }

    private static void WriteMilter(Utf8JsonWriter json, BesideMessage message, BesideAnswer answer, bool isProxy)
    {
        json.WriteStartObject("milter");
        if (isProxy && answer.Action is (PolicyAction.Quarantine or PolicyAction.Reject))
        {
            // The proxy keeps the word for the rest of its session, so that it is said of each.
            json.WriteString("reject", answer.Action == PolicyAction.Quarantine ? "quarantine" : "refuse");
        }

        if (answer.Verdict is not null && answer.Action is (PolicyAction.Accept or PolicyAction.Tag or PolicyAction.Quarantine))
        {
            WriteFields(json, message, answer);
        }

        json.WriteEndObject();
    }

    private static void WriteFields(Utf8JsonWriter json, BesideMessage message, BesideAnswer answer)
    {
        json.WriteStartObject("add_headers");
        WriteAdded(json, answer.Mark);
        WriteAdded(json, answer.Authentication);
        json.WriteEndObject();
        json.WriteStartObject("remove_headers");
        foreach (var group in message.Remove.GroupBy(static field => field.Name, StringComparer.OrdinalIgnoreCase))
        {
            // 0 is all of them. From the last on, because taking one out renumbers those behind it.
            var places = group.Select(static field => field.Place).OrderDescending().ToList();
            if (places.Count == message.Count(group.Key) || places.Count == 1)
            {
                json.WriteNumber(group.Key, places.Count == message.Count(group.Key) ? 0 : places[0]);
                continue;
            }

            json.WriteStartArray(group.Key);
            places.ForEach(json.WriteNumberValue);
            json.WriteEndArray();
        }

        json.WriteEndObject();
    }

    // Folds are LF, as milter says them; order 0 is before all others.
    private static void WriteAdded(Utf8JsonWriter json, string field)
    {
        if (field.IndexOf(": ", StringComparison.Ordinal) is > 0 and var colon)
        {
            json.WriteStartObject(field[..colon]);
            json.WriteString("value", field[(colon + 2)..].TrimEnd('\r', '\n').Replace("\r\n", "\n", StringComparison.Ordinal));
            json.WriteNumber("order", 0);
            json.WriteEndObject();
        }
    }

    // Behind "554 5.7.1 ": whoever asks puts its own codes before it.
    private static string TextOf(string reply)
    {
        var parts = reply.Split(' ', 3);
        return parts.Length == 3 ? parts[2] : "Not taken now: come again";
    }

    private static string SymbolOf(string code) => string.Create(code.Length, code, static (symbol, from) =>
    {
        for (var i = 0; i < from.Length; i++)
        {
            symbol[i] = char.IsAsciiLetterOrDigit(from[i]) ? char.ToUpperInvariant(from[i]) : '_';
        }
    });
}
