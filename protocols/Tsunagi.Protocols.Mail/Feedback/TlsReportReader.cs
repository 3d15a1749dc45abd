using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;

namespace Tsunagi.Protocols.Mail.Feedback;

/// <summary>Reads a TLS report (RFC 8460 section 4.4). Members nobody knows are passed over; counts may be written as texts, single values where a list is wanted.</summary>
internal sealed class TlsReportReader
{
    private const int MostStrings = 50;
    private readonly FeedbackLimits _limits;
    private readonly FeedbackText _text;
    private int _failures;

    private TlsReportReader(FeedbackLimits limits)
    {
        (_limits, _text) = (limits, new FeedbackText(limits));
    }

    /// <summary>False, with the reason, for what is no such report or goes beyond a limit.</summary>
    public static bool TryRead(ReadOnlyMemory<byte> octets, FeedbackLimits limits, out TlsReport? report, out string why)
    {
        report = null;
        try
        {
            using var json = JsonDocument.Parse(octets, new JsonDocumentOptions { MaxDepth = limits.Depth, AllowTrailingCommas = true });
            return new TlsReportReader(limits).TryRead(json.RootElement, out report, out why);
        }
        catch (JsonException broken)
        {
            // The base library reads JSON by exceptions; its words name the place.
            why = "it is no JSON that can be read: " + Message.DisplayText.Clean(broken.Message, 200);
            return false;
        }
        catch (InvalidOperationException)
        {
            // A text that is no Unicode: it shows when it is asked for.
            why = "it is no JSON that can be read: a text in it is no UTF-8";
            return false;
        }
    }

    private bool TryRead(JsonElement root, out TlsReport? report, out string why)
    {
        report = null;
        if (root.ValueKind != JsonValueKind.Object || !root.TryGetProperty("policies", out JsonElement policies) || policies.ValueKind != JsonValueKind.Array)
        {
            why = "it has no policies, so it is no TLS report";
            return false;
        }

        JsonElement range = Of(root, "date-range");
        if (FeedbackText.Time(Raw(range, "start-datetime")) is not { } begin || FeedbackText.Time(Raw(range, "end-datetime")) is not { } end)
        {
            why = "it does not say of which time it is (date-range)";
            return false;
        }

        var read = ImmutableArray.CreateBuilder<TlsPolicyReport>();
        foreach (JsonElement policy in policies.EnumerateArray())
        {
            if (read.Count >= _limits.ResultsEach || _failures > _limits.Records)
            {
                why = read.Count >= _limits.ResultsEach ? $"it has more than {_limits.ResultsEach} policies" : $"it has more than {_limits.Records} failures";
                return false;
            }

            read.Add(ReadPolicy(policy));
        }

        if (read.Count == 0 || _failures > _limits.Records)
        {
            why = read.Count == 0 ? "it is about no policy" : $"it has more than {_limits.Records} failures";
            return false;
        }

        why = "";
        report = new TlsReport
        {
            Organization = Text(root, "organization-name"), Contact = Text(root, "contact-info"), ReportId = Text(root, "report-id"), Begin = begin, End = end < begin ? begin : end, Policies = read.ToImmutable(),
        };
        return true;
    }

    private TlsPolicyReport ReadPolicy(JsonElement entry)
    {
        JsonElement policy = Of(entry, "policy");
        JsonElement summary = Of(entry, "summary");
        var failures = ImmutableArray.CreateBuilder<TlsFailure>();
        foreach (JsonElement failure in Items(Of(entry, "failure-details")))
        {
            if (++_failures > _limits.Records)
            {
                break;
            }

            if (failure.ValueKind == JsonValueKind.Object)
            {
                failures.Add(ReadFailure(failure));
            }
        }

        return new TlsPolicyReport
        {
            Type = Text(policy, "policy-type").ToLowerInvariant(), Strings = Texts(policy, "policy-string"), Domain = _text.Domain(Raw(policy, "policy-domain")), MxHosts = Texts(policy, "mx-host"),
            Successful = Count(summary, "total-successful-session-count"), Failed = Count(summary, "total-failure-session-count"), Failures = failures.ToImmutable(),
        };
    }

    private TlsFailure ReadFailure(JsonElement failure) => new()
    {
        Result = Text(failure, "result-type").ToLowerInvariant(), SendingAddress = Text(failure, "sending-mta-ip"), Mx = Text(failure, "receiving-mx-hostname"), Helo = Text(failure, "receiving-mx-helo"),
        ReceivingAddress = Text(failure, "receiving-ip"), Sessions = Count(failure, "failed-session-count"), Additional = Text(failure, "additional-information"), ReasonCode = Text(failure, "failure-reason-code"),
    };

    private static JsonElement Of(JsonElement parent, string name) => parent.ValueKind == JsonValueKind.Object && parent.TryGetProperty(name, out JsonElement member) ? member : default;

    private static string? Raw(JsonElement parent, string name) => Raw(Of(parent, name));

    private static string? Raw(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => value.GetString(),
        JsonValueKind.Number => value.GetRawText(),
        _ => null,
    };

    private string Text(JsonElement parent, string name) => _text.Share(_text.Clean(Raw(parent, name)));

    private static long Count(JsonElement parent, string name)
    {
        string? text = Raw(parent, name);
        return FeedbackText.Count(text) ?? (decimal.TryParse(text, NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent, CultureInfo.InvariantCulture, out decimal number) && number is >= 0 and < 1_000_000_000_000 ? (long)number : 0);
    }

    // A list, or one value that stands for a list of one.
    private static IEnumerable<JsonElement> Items(JsonElement value) =>
        value.ValueKind == JsonValueKind.Array ? value.EnumerateArray() : value.ValueKind == JsonValueKind.Undefined ? [] : [value];

    private ImmutableArray<string> Texts(JsonElement parent, string name)
    {
        var texts = ImmutableArray.CreateBuilder<string>();
        foreach (JsonElement value in Items(Of(parent, name)))
        {
            if (texts.Count < MostStrings && Raw(value) is { } text)
            {
                texts.Add(_text.Clean(text));
            }
        }

        return texts.ToImmutable();
    }
}
