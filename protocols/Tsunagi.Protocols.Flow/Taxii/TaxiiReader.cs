using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using Tsunagi.Protocols.Flow.Stix;

namespace Tsunagi.Protocols.Flow.Taxii;

/// <summary>Reads what a TAXII 2.1 server answers and what a client sends. Never throws on what somebody sent; what is missing is told by name.</summary>
public static class TaxiiReader
{
    private const int MostListed = 1_000;

    /// <summary>Section 3.7. Objects that cannot be read are told beside the others.</summary>
    public static bool TryReadEnvelope(ReadOnlyMemory<byte> octets, StixLimits? limits, out TaxiiEnvelope? envelope, out StixError error)
    {
        TaxiiEnvelope? read = null;
        StixError inner = default;
        var isRead = TryRead(octets, limits, out error, root =>
        {
            if (!StixReader.TryReadObjects(root, limits, out var content, out inner))
            {
                return inner.Problem;
            }

            var hasMore = root.TryGetProperty("more", out var more) && more.ValueKind == JsonValueKind.True;
            var next = Text(root, "next");
            read = new TaxiiEnvelope(content, hasMore, next);
            return root.TryGetProperty("more", out more) && more.ValueKind is not (JsonValueKind.True or JsonValueKind.False) ? "more is true or false"
                : next?.Length > 1_000 ? "next is longer than 1,000 characters" : null;
        });
        envelope = isRead ? read : null;
        return isRead;
    }

    /// <summary>Section 5.1.</summary>
    public static bool TryReadCollections(ReadOnlyMemory<byte> octets, StixLimits? limits, out ImmutableArray<TaxiiCollection> collections, out StixError error)
    {
        var read = ImmutableArray.CreateBuilder<TaxiiCollection>();
        var isRead = TryRead(octets, limits, out error, root =>
        {
            if (!root.TryGetProperty("collections", out var list))
            {
                return null;
            }

            if (list.ValueKind != JsonValueKind.Array || list.GetArrayLength() > MostListed)
            {
                return $"collections is a list of at most {MostListed}";
            }

            foreach (var each in list.EnumerateArray())
            {
                if (each.ValueKind != JsonValueKind.Object || Text(each, "id") is not { Length: > 0 } id || Text(each, "title") is not { } title
                    || Bool(each, "can_read") is not { } reads || Bool(each, "can_write") is not { } writes)
                {
                    return "a collection has id, title, can_read and can_write";
                }

                read.Add(new TaxiiCollection(id, title, Text(each, "description"), Text(each, "alias"), reads, writes));
            }

            return null;
        });
        collections = isRead ? read.ToImmutable() : [];
        return isRead;
    }

    /// <summary>Section 4.3.</summary>
    public static bool TryReadStatus(ReadOnlyMemory<byte> octets, StixLimits? limits, out TaxiiStatus? status, out StixError error)
    {
        TaxiiStatus? read = null;
        var isRead = TryRead(octets, limits, out error, root =>
        {
            if (Text(root, "id") is not { Length: > 0 } id || Text(root, "status") is not ("complete" or "pending"))
            {
                return "a status has id and status";
            }

            var asked = TimeOf(root, "request_timestamp");
            read = new TaxiiStatus(id, Text(root, "status") == "complete", asked, Details(root, "successes"), Details(root, "failures"), Details(root, "pendings"));
            return null;
        });
        status = isRead ? read : null;
        return isRead;
    }

    /// <summary>Section 3.6; null when it is none.</summary>
    public static TaxiiError? ReadError(ReadOnlyMemory<byte> octets)
    {
        TaxiiError? read = null;
        return TryRead(octets, new StixLimits { MaxOctets = 64 * 1024 }, out _, root =>
        {
            read = new TaxiiError(Text(root, "title") ?? "", Text(root, "description"), int.TryParse(Text(root, "http_status"), NumberStyles.None, CultureInfo.InvariantCulture, out var status) ? status : 0);
            return read.Title.Length == 0 ? "an error has a title" : null;
        }) ? read : null;
    }

    /// <summary>The earliest time there is where none is told, or none that is one.</summary>
    private static DateTimeOffset TimeOf(JsonElement root, string name) => StixTime.TryParse(Text(root, name), out var time) ? time : default;

    private static ImmutableArray<TaxiiStatusDetail> Details(JsonElement root, string name)
    {
        if (!root.TryGetProperty(name, out var list) || list.ValueKind != JsonValueKind.Array)
        {
            return [];
        }

        return
        [
            .. list.EnumerateArray().Where(static each => each.ValueKind == JsonValueKind.Object).Take(MostListed).Select(static each => new TaxiiStatusDetail(Text(each, "id") ?? "", TimeOf(each, "version"), Text(each, "message"))),
        ];
    }

    private static bool TryRead(ReadOnlyMemory<byte> octets, StixLimits? limits, out StixError error, Func<JsonElement, string?> read)
    {
        using var document = StixReader.Parse(octets, limits, out error);
        if (document is null)
        {
            return false;
        }

        try
        {
            var problem = document.RootElement.ValueKind != JsonValueKind.Object ? "an object is asked for" : read(document.RootElement);
            error = problem is null ? default : new StixError("", problem);
            return problem is null;
        }
        catch (InvalidOperationException)
        {
            error = new StixError("", "a text in it is no Unicode");
            return false;
        }
    }

    private static string? Text(JsonElement json, string name) => json.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static bool? Bool(JsonElement json, string name) =>
        json.TryGetProperty(name, out var value) && value.ValueKind is JsonValueKind.True or JsonValueKind.False ? value.ValueKind == JsonValueKind.True : null;
}
