using System.Collections.Immutable;
using System.IO.Compression;
using System.Runtime.InteropServices;
using Tsunagi.Protocols.Mail.Message;
using Tsunagi.Protocols.Mail.Mime;

namespace Tsunagi.Protocols.Mail.Feedback;

/// <summary>
/// Finds and reads reports that others send about a domain's mail: DMARC aggregate reports (RFC 9990, RFC 7489 section 7.2 and appendix C) and TLS reports (RFC 8460). (1) a message gives
/// its parts, by type or, where the type says nothing, by file name; (2) a file is unpacked, its packing known by its first octets and never by its name; (3) what comes out is XML or
/// JSON by its first character. Limits hold at every step and are told as reasons. Thread-safe.
/// </summary>
public static class FeedbackReader
{
    /// <summary>Reads a message as it was received (RFC 5322).</summary>
    public static FeedbackReading ReadMessage(ReadOnlyMemory<byte> message, FeedbackLimits? limits = null)
    {
        limits ??= FeedbackLimits.Default;
        var found = new Found(limits);
        var tree = MimeTree.Read(message.Span, limits.Mime);
        foreach (MimePart part in tree.Parts)
        {
            // (1)
            if (part.IsComposite || !IsReport(part))
            {
                continue;
            }

            string name = part.Names.IsEmpty ? "" : part.Names[0];
            byte[] file = part.Decode(message.Span, limits.FileOctets + 1, out _);
            found.ReadFile(name, file, isCertain: IsNamedSo(part));
        }

        return found.ToReading();
    }

    /// <summary>Reads a file: a report, packed or not, or an archive of several.</summary>
    /// <param name="fileName">For the words alone; may be empty.</param>
    /// <param name="file">All of it.</param>
    /// <param name="limits">How much is read.</param>
    public static FeedbackReading ReadFile(string fileName, ReadOnlyMemory<byte> file, FeedbackLimits? limits = null)
    {
        ArgumentNullException.ThrowIfNull(fileName);
        var found = new Found(limits ?? FeedbackLimits.Default);
        found.ReadFile(DisplayText.Clean(fileName, 255), file, isCertain: true);
        return found.ToReading();
    }

    // RFC 7489 section 7.2.1.1: application/gzip or application/zip, text/xml; RFC 8460 section 5.3: application/tlsrpt+gzip and +json; and what reporters write.
    private static bool IsReport(MimePart part) => part.MediaType switch
    {
        "application/gzip" or "application/x-gzip" or "application/gzip-compressed" or "application/zip" or "application/x-zip" or "application/x-zip-compressed" => true,
        "text/xml" or "application/xml" or "application/dmarc+xml" or "application/tlsrpt+gzip" or "application/tlsrpt+json" => true,
        "application/json" or "application/octet-stream" or "text/plain" or "application/x-gunzip" or "multipart/x-gzip" or "multipart/x-zip" => IsNamedSo(part),
        _ => IsNamedSo(part),
    };

    // RFC 7489 section 7.2.1.1: filename = receiver "!" policy-domain "!" begin-timestamp "!" end-timestamp [ "!" unique-id ] "." extension
    private static bool IsNamedSo(MimePart part)
    {
        foreach (string name in part.Names)
        {
            if (name.EndsWith(".xml", StringComparison.OrdinalIgnoreCase) || name.EndsWith(".xml.gz", StringComparison.OrdinalIgnoreCase) || name.EndsWith(".json", StringComparison.OrdinalIgnoreCase)
                || name.EndsWith(".json.gz", StringComparison.OrdinalIgnoreCase) || name.EndsWith(".zip", StringComparison.OrdinalIgnoreCase) || name.EndsWith(".gz", StringComparison.OrdinalIgnoreCase))
            {
                return true;
            }
        }

        return false;
    }

    private sealed class Found(FeedbackLimits limits)
    {
        private readonly ImmutableArray<FeedbackReport>.Builder _reports = ImmutableArray.CreateBuilder<FeedbackReport>();
        private readonly ImmutableArray<FeedbackProblem>.Builder _problems = ImmutableArray.CreateBuilder<FeedbackProblem>();

        private readonly UnpackBudget _budget = new(limits.Octets);

        public FeedbackReading ToReading() => new(_reports.ToImmutable(), _problems.ToImmutable());

        /// <param name="name">As its sender called it; may be empty.</param>
        /// <param name="file">Packed or not.</param>
        /// <param name="isCertain">It claims to be a report, so that it is told when it is none.</param>
        public void ReadFile(string name, ReadOnlyMemory<byte> file, bool isCertain)
        {
            if (file.Length > limits.FileOctets)
            {
                Problem(name, $"it is larger than {limits.FileOctets} octets");
                return;
            }

            using MemoryStream octets = MemoryMarshal.TryGetArray(file, out ArraySegment<byte> segment)
                ? new MemoryStream(segment.Array!, segment.Offset, segment.Count, writable: false)
                : new MemoryStream(file.ToArray(), writable: false);
            try
            {
                Read(name, new UnpackedStream(octets, 0, limits, _budget), file.Length, 0, isCertain);
            }
            catch (FeedbackLimitException beyond)
            {
                Problem(name, beyond.Message);
            }
            catch (Exception broken) when (broken is InvalidDataException or IOException or NotSupportedException)
            {
                // The base library unpacks by exceptions. Nothing here reads a disk: an IOException is one of the archive.
                Problem(name, "it cannot be unpacked: " + DisplayText.Clean(broken.Message, 200));
            }
        }

        // (2), (3)
        private void Read(string name, UnpackedStream octets, long packed, int packings, bool isCertain)
        {
            ReadOnlySpan<byte> first = octets.Peek();
            if (first.StartsWith((ReadOnlySpan<byte>)[0x1f, 0x8b]))
            {
                if (MayUnpack(name, packings))
                {
                    using var inner = new UnpackedStream(new GZipStream(octets, CompressionMode.Decompress), packed, limits, _budget);
                    Read(name, inner, packed, packings + 1, isCertain);
                }
            }
            else if (first.StartsWith("PK\x03\x04"u8) || first.StartsWith("PK\x05\x06"u8))
            {
                if (MayUnpack(name, packings))
                {
                    ReadZip(name, octets, packed, packings);
                }
            }
            else if (first.StartsWith("<"u8) || first.StartsWith((ReadOnlySpan<byte>)[0xff, 0xfe]) || first.StartsWith((ReadOnlySpan<byte>)[0xfe, 0xff]))
            {
                if (AggregateReader.TryRead(octets, limits, out AggregateReport? report, out string why))
                {
                    _reports.Add(new FeedbackReport(name, report, null));
                }
                else
                {
                    Problem(name, why);
                }
            }
            else if (first.StartsWith("{"u8))
            {
                ReadJson(name, octets);
            }
            else if (isCertain)
            {
                Problem(name, first.IsEmpty ? "it is empty" : "it is neither XML nor JSON, and packed neither as gzip nor as zip");
            }
        }

        private void ReadJson(string name, UnpackedStream octets)
        {
            var json = new MemoryStream();
            byte[] piece = new byte[16 * 1024];
            while (octets.Read(piece) is > 0 and int count)
            {
                if (json.Length + count > limits.JsonOctets)
                {
                    Problem(name, $"it unpacks to more than {limits.JsonOctets} octets of JSON");
                    return;
                }

                json.Write(piece, 0, count);
            }

            if (TlsReportReader.TryRead(json.GetBuffer().AsMemory(0, (int)json.Length), limits, out TlsReport? report, out string why))
            {
                _reports.Add(new FeedbackReport(name, null, report));
            }
            else
            {
                Problem(name, why);
            }
        }

        // The central directory stands at the end, so the archive is held whole: it is a file that was held already, or what came out of one and is as large as such a file may be.
        private void ReadZip(string name, UnpackedStream octets, long packed, int packings)
        {
            using var whole = new MemoryStream();
            byte[] piece = new byte[16 * 1024];
            while (octets.Read(piece) is > 0 and int count)
            {
                if (whole.Length + count > limits.FileOctets)
                {
                    throw new FeedbackLimitException($"it is larger than {limits.FileOctets} octets");
                }

                whole.Write(piece, 0, count);
            }

            whole.Position = 0;
            using var archive = new ZipArchive(whole, ZipArchiveMode.Read);
            int files = 0;
            foreach (ZipArchiveEntry entry in archive.Entries)
            {
                if (entry.Name.Length == 0 || entry.FullName.StartsWith("__MACOSX/", StringComparison.Ordinal))
                {
                    continue;
                }

                if (++files > limits.Files)
                {
                    throw new FeedbackLimitException($"it holds more than {limits.Files} files");
                }

                if (entry.IsEncrypted)
                {
                    Problem(DisplayText.Clean(entry.Name, 255), "it is encrypted");
                    continue;
                }

                using var inner = new UnpackedStream(entry.Open(), Math.Min(packed, Math.Max(1, entry.CompressedLength)), limits, _budget);
                Read(DisplayText.Clean(entry.Name, 255), inner, packed, packings + 1, isCertain: true);
            }

            if (files == 0)
            {
                Problem(name, "the archive is empty");
            }
        }

        private bool MayUnpack(string name, int packings)
        {
            if (packings < limits.Packings)
            {
                return true;
            }

            Problem(name, $"it is packed more than {limits.Packings} times");
            return false;
        }

        private void Problem(string name, string why)
        {
            if (_problems.Count < limits.ResultsEach)
            {
                _problems.Add(new FeedbackProblem(name, why));
            }
        }
    }
}
