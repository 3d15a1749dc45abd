using System.Collections.Immutable;
using System.Text.Json;
using Tsunagi.Protocols.Flow.Stix;

namespace Tsunagi.Protocols.Flow.Taxii;

/// <summary>Writes the messages of TAXII 2.1, each as UTF-8.</summary>
public static class TaxiiWriter
{
    /// <summary>Section 4.1.</summary>
    public static byte[] Write(TaxiiDiscovery discovery) => Object(writer =>
    {
        writer.WriteString("title", discovery.Title);
        Optional(writer, "description", discovery.Description);
        Optional(writer, "contact", discovery.Contact);
        Optional(writer, "default", discovery.Default);
        Strings(writer, "api_roots", discovery.ApiRoots);
    });

    /// <summary>Section 4.2.</summary>
    public static byte[] Write(TaxiiApiRoot root) => Object(writer =>
    {
        writer.WriteString("title", root.Title);
        Optional(writer, "description", root.Description);
        Strings(writer, "versions", root.Versions);
        writer.WriteNumber("max_content_length", root.MaxContentLength);
    });

    /// <summary>Section 5.2: one.</summary>
    public static byte[] Write(TaxiiCollection collection) => Object(writer => Write(writer, collection));

    /// <summary>Section 5.1: all that the asker may see.</summary>
    public static byte[] Write(IReadOnlyList<TaxiiCollection> collections) => Object(writer => List(writer, "collections", collections, Write));

    /// <summary>Section 5.3.</summary>
    public static byte[] Manifest(IReadOnlyList<TaxiiManifestRecord> records, bool hasMore) => Object(writer =>
    {
        writer.WriteBoolean("more", hasMore);
        List(writer, "objects", records, static (to, record) =>
        {
            to.WriteString("id", record.Id);
            to.WriteString("date_added", StixTime.Format(record.DateAdded));
            to.WriteString("version", StixTime.Format(record.Version));
            to.WriteString("media_type", TaxiiMedia.Stix);
        });
    });

    /// <summary>Section 5.8.</summary>
    public static byte[] Versions(IReadOnlyList<DateTimeOffset> versions, bool hasMore) => Object(writer =>
    {
        writer.WriteBoolean("more", hasMore);
        Strings(writer, "versions", [.. versions.Select(StixTime.Format)]);
    });

    /// <summary>Section 3.7. Objects are written as they came.</summary>
    public static byte[] Envelope(IReadOnlyList<StixObject> objects, bool hasMore, string? next) => Object(writer =>
    {
        writer.WriteBoolean("more", hasMore);
        Optional(writer, "next", next);
        if (objects.Count > 0)
        {
            writer.WriteStartArray("objects");
            foreach (var each in objects)
            {
                each.Json.WriteTo(writer);
            }

            writer.WriteEndArray();
        }
    });

    /// <summary>Section 4.3.</summary>
    public static byte[] Write(TaxiiStatus status) => Object(writer =>
    {
        writer.WriteString("id", status.Id);
        writer.WriteString("status", status.IsComplete ? "complete" : "pending");
        writer.WriteString("request_timestamp", StixTime.Format(status.RequestTimestamp));
        writer.WriteNumber("total_count", status.TotalCount);
        Details(writer, "success", "successes", status.Successes);
        Details(writer, "failure", "failures", status.Failures);
        Details(writer, "pending", "pendings", status.Pendings);
    });

    /// <summary>Section 3.6.</summary>
    public static byte[] Write(TaxiiError error) => Object(writer =>
    {
        writer.WriteString("title", error.Title);
        Optional(writer, "description", error.Description);
        writer.WriteString("http_status", error.HttpStatus.ToString(System.Globalization.CultureInfo.InvariantCulture));
    });

    private static void Write(Utf8JsonWriter writer, TaxiiCollection collection)
    {
        writer.WriteString("id", collection.Id);
        writer.WriteString("title", collection.Title);
        Optional(writer, "description", collection.Description);
        Optional(writer, "alias", collection.Alias);
        writer.WriteBoolean("can_read", collection.CanRead);
        writer.WriteBoolean("can_write", collection.CanWrite);
        Strings(writer, "media_types", [TaxiiMedia.Stix]);
    }

    private static void Details(Utf8JsonWriter writer, string count, string list, ImmutableArray<TaxiiStatusDetail> details)
    {
        writer.WriteNumber(count + "_count", details.Length);
        List(writer, list, details, static (to, detail) =>
        {
            to.WriteString("id", detail.Id);
            to.WriteString("version", StixTime.Format(detail.Version));
            Optional(to, "message", detail.Message);
        });
    }

    // Lists are left out where they are empty: section 3.1 forbids empty ones.
    private static void List<T>(Utf8JsonWriter writer, string name, IReadOnlyList<T> items, Action<Utf8JsonWriter, T> write)
    {
        if (items.Count == 0)
        {
            return;
        }

        writer.WriteStartArray(name);
        foreach (var item in items)
        {
            writer.WriteStartObject();
            write(writer, item);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }

    private static void Strings(Utf8JsonWriter writer, string name, ImmutableArray<string> texts)
    {
        if (texts.Length == 0)
        {
            return;
        }

        writer.WriteStartArray(name);
        foreach (var text in texts)
        {
            writer.WriteStringValue(text);
        }

        writer.WriteEndArray();
    }

    private static void Optional(Utf8JsonWriter writer, string name, string? value)
    {
        if (value is not null)
        {
            writer.WriteString(name, value);
        }
    }

    private static byte[] Object(Action<Utf8JsonWriter> members) => StixWriter.Octets(writer =>
    {
        writer.WriteStartObject();
        members(writer);
        writer.WriteEndObject();
    });
}
