using System.Buffers;
using System.Globalization;
using Tsunagi.Protocols.Mail.Mime;

namespace Tsunagi.Mail.Checks.Attachments;

/// <summary>
/// The files that no part of a message carries by itself and that mail programs show all the same: uuencoded in a text or a part, or within a TNEF file (winmail.dat), one in the other. Found once for each message: the attachment rules look
/// at them as at any other file, and the virus scanner is given each by itself. Bounded by files, octets and depth; what lies beyond is told.
/// </summary>
/// <param name="Files">In their order.</param>
/// <param name="Containers">Positions of parts that are nothing but what holds such files.</param>
/// <param name="Problems">What could not be read, and why.</param>
internal sealed record HiddenFiles(IReadOnlyList<HiddenFile> Files, IReadOnlySet<int> Containers, IReadOnlyList<(string Path, string Why)> Problems)
{
    /// <summary>Those of a message; read at the first call.</summary>
    public static HiddenFiles Of(MessageUnderCheck message, FilterOptions options) => message.Hidden ??= new Finder(options).Find(message);

    private sealed class Finder(FilterOptions options)
    {
        private const int HeadBytes = 64;
        private readonly List<HiddenFile> _files = [];
        private readonly HashSet<int> _containers = [];
        private readonly List<(string, string)> _problems = [];
        private long _left = options.ArchiveBytes;

        public HiddenFiles Find(MessageUnderCheck message)
        {
            for (var i = 0; i < message.Tree.Parts.Count; i++)
            {
                var part = message.Tree.Parts[i];
                if (!part.IsComposite)
                {
                    Find(message, part, i);
                }
            }

            return new HiddenFiles(_files, _containers, _problems);
        }

        private void Find(MessageUnderCheck message, MimePart part, int position)
        {
            var path = AttachmentCheck.NameOf(part, position);
            var isText = part.Encoding == MimeEncoding.Unknown || (part.MediaType.StartsWith("text/", StringComparison.Ordinal) && part.MediaType != "text/html");
            Span<byte> head = stackalloc byte[HeadBytes];
            var body = message.Content.Span[part.BodyStart..part.End];
            head = head[..TransferEncoding.Decode(body, part.Encoding, head, out _)];
            var isContainer = Tnef.Is(head) || IsUuencoded(head);
            if (!isText && !isContainer)
            {
                return;
            }

            // What stands as it is needs no copy.
            var before = _files.Count;
            if (part.Encoding is MimeEncoding.Identity or MimeEncoding.Unknown)
            {
                Unpack(message.Content[part.BodyStart..part.End], path, 0);
            }
            else if (isContainer || HoldsFile(body, part.Encoding))
            {
                Unpack(part.Decode(message.Content.Span, options.MaxScanBytes, out _), path, 0);
            }

            if (isContainer && _files.Count > before)
            {
                _containers.Add(position);
            }
        }

        // Most texts hold none: they are decoded into room that is lent.
        private bool HoldsFile(ReadOnlySpan<byte> body, MimeEncoding encoding)
        {
            var room = ArrayPool<byte>.Shared.Rent(Math.Min(body.Length, options.MaxScanBytes));
            try
            {
                var count = TransferEncoding.Decode(body, encoding, room.AsSpan(0, Math.Min(room.Length, options.MaxScanBytes)), out _);
                return Uuencode.TryFind(room.AsSpan(0, count), 0, out _);
            }
            finally
            {
                ArrayPool<byte>.Shared.Return(room);
            }
        }

        private void Unpack(ReadOnlyMemory<byte> octets, string path, int depth)
        {
            if (depth > options.ArchiveDepth)
            {
                _problems.Add((path, string.Create(CultureInfo.InvariantCulture, $"archives lie deeper than {options.ArchiveDepth}")));
            }
            else if (Tnef.TryRead(octets.Span, null, out var tnef))
            {
                UnpackTnef(octets, tnef!, path, depth);
            }
            else
            {
                UnpackText(octets, path, depth);
            }
        }

        private void UnpackTnef(ReadOnlyMemory<byte> octets, Tnef tnef, string path, int depth)
        {
            if (tnef.Problem.Length > 0)
            {
                _problems.Add((path, tnef.Problem));
            }

            foreach (var file in tnef.Attachments)
            {
                var name = file.Names.IsEmpty ? "file" : file.Names[0];
                if (!TryAdd($"{path}/{name}", octets.Slice(file.Start, file.Length), path))
                {
                    return;
                }

                foreach (var other in file.Names.Skip(1))
                {
                    _files.Add(new HiddenFile($"{path}/{other}", default));
                }

                if (Tnef.Is(octets.Span.Slice(file.Start, file.Length)) || IsUuencoded(octets.Span.Slice(file.Start, file.Length)))
                {
                    Unpack(octets.Slice(file.Start, file.Length), $"{path}/{name}", depth + 1);
                }
            }
        }

        private void UnpackText(ReadOnlyMemory<byte> text, string path, int depth)
        {
            for (var from = 0; Uuencode.TryFind(text.Span, from, out var file); from = file.End)
            {
                var octets = Uuencode.Decode(text.Span, file, (int)Math.Min(_left + 1, Array.MaxLength), out var isFlawed);
                if (!TryAdd($"{path}/{file.Name}", octets, path))
                {
                    return;
                }

                if (isFlawed)
                {
                    _problems.Add(($"{path}/{file.Name}", "its uuencoding is broken"));
                }

                if (Tnef.Is(octets) || IsUuencoded(octets))
                {
                    Unpack(octets, $"{path}/{file.Name}", depth + 1);
                }
            }
        }

        private bool TryAdd(string path, ReadOnlyMemory<byte> octets, string container)
        {
            _left -= octets.Length;
            if (_files.Count >= options.HiddenFiles || _left < 0)
            {
                _problems.Add((container, _left < 0
                    ? string.Create(CultureInfo.InvariantCulture, $"more than {options.ArchiveBytes} octets come out of it")
                    : string.Create(CultureInfo.InvariantCulture, $"it holds more than {options.HiddenFiles} files")));
                return false;
            }

            _files.Add(new HiddenFile(path, octets));
            return true;
        }

        private static bool IsUuencoded(ReadOnlySpan<byte> octets) => FileKinds.Of(octets) == FileKind.Uuencoded;
    }
}

/// <summary>One of them.</summary>
/// <param name="Path">Its name behind that of what holds it: "winmail.dat/a.exe".</param>
/// <param name="Octets">All of it; empty for another name of the file before.</param>
internal sealed record HiddenFile(string Path, ReadOnlyMemory<byte> Octets);
