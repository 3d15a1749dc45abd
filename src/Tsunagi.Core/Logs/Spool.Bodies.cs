namespace Tsunagi.Core.Logs;

/// <summary>The bodies of the items: from memory, from the record, or from a file of their own.</summary>
public sealed partial class Spool
{
    /// <summary>Begins a body on its way in; give it to <see cref="AcceptAsync"/>, or dispose it.</summary>
    public SpoolBody BeginBody() => new(_bodies, _options);

    /// <summary>Opens the body for reading; what was accepted lately is in memory.</summary>
    /// <exception cref="KeyNotFoundException">There is no such item.</exception>
    /// <exception cref="SpoolBodyLostException">The disk lost it.</exception>
    /// <exception cref="IOException">It cannot be opened just now: out of file handles, or the disk fails. That says nothing about the body.</exception>
    public SpoolBodyReader OpenBody(SpoolId id)
    {
        BodyPlace place = default;
        for (var attempt = 0; attempt < 3; attempt++)
        {
            lock (_gate)
            {
                var item = Find(id);
                if (item.CachedBody is not null)
                {
                    return new SpoolBodyReader(id, item.CachedBody);
                }

                place = item.Body;
            }

            if (TryOpen(id, place) is { } reader)
            {
                if (!place.IsFile || IsStillAt(id, place))
                {
                    return reader;
                }

                reader.Dispose();
            }

            // It may just have been carried forward to another place.
        }

        _notices.BodyLost(id);
        throw new SpoolBodyLostException(place.IsFile ? $"the body file of {id} is gone" : $"the record at {place.Record} with the body of {id} is damaged");
    }

    /// <summary>A file that was given up before it was opened may hold another item's body by now.</summary>
    private bool IsStillAt(SpoolId id, in BodyPlace place)
    {
        lock (_gate)
        {
            return _live.Find(id) is { } item && item.Body.IsFile && item.Body.File == place.File;
        }
    }

    private SpoolBodyReader? TryOpen(SpoolId id, in BodyPlace place)
    {
        if (place.IsFile)
        {
            try
            {
                return new SpoolBodyReader(id, _bodies, place, _notices.BodyLost);
            }
            catch (Exception gone) when (gone is FileNotFoundException or DirectoryNotFoundException)
            {
                return null;
            }
        }

        var body = new byte[place.Length];
        return place.Length == 0 || _stream.Log.TryReadBody(place.Record, body) ? new SpoolBodyReader(id, body) : null;
    }
}
