using System.Globalization;
using System.Text;
using Tsunagi.Core.Store;
using Tsunagi.Core.Time;
using Tsunagi.Protocols.Flow.Stix;
using Tsunagi.Protocols.Flow.Taxii;

namespace Tsunagi.Ddos.Sharing;

/// <summary>
/// The objects of our collections, one collection a group. When an object was added is a number that grows within its collection in the order of the commits (the collection's row is locked first), so
/// that whoever asks for what came after it misses nothing.
/// </summary>
internal sealed class CollectionStore(Stores stores, SharingOptions options, TimeProvider time)
{
    /// <summary>The source of what we share ourselves.</summary>
    public const string Own = "";

    private const string Columns = "stix_id, version, added_at, type, level, source, content";
    private const long Back = UnixMicros.PerSecond * 60;

    /// <summary>Adds what passed the gate. A version that is there already changes nothing; one of an object that somebody else brought is refused: only its maker makes versions (STIX 2.1 section 3.6).</summary>
    public async ValueTask<IReadOnlyList<AddedObject>> AddAsync(ISqlTransaction transaction, SharingGroup group, Released released, string source)
    {
        await transaction.ExecuteAsync("INSERT INTO ddos_collection (name, last_added) VALUES (@Name, 0) ON CONFLICT (name) DO NOTHING", new { group.Name });
        var last = await transaction.FirstOrDefaultAsync<long>("UPDATE ddos_collection SET last_added = last_added WHERE name = @Name RETURNING last_added", new { group.Name });
        var count = await transaction.FirstOrDefaultAsync<long>("SELECT count(*) FROM ddos_collection_object WHERE collection = @Name", new { group.Name });
        var levels = OutboundGate.Levels(released.Objects);
        var added = new List<AddedObject>();
        foreach (var each in released.Objects)
        {
            var version = each.Version is { } at ? UnixMicros.From(at) : 0;
            var there = await transaction.QueryAsync<(long Version, string Source)>(
                "SELECT version, source FROM ddos_collection_object WHERE collection = @Name AND stix_id = @Id ORDER BY version", new { group.Name, Id = each.Id.ToString() });
            if (there.Any(row => row.Version == version))
            {
                added.Add(new AddedObject(each, IsNew: false, null));
            }
            else if (there.Count > 0 && there[0].Source != source)
            {
                added.Add(new AddedObject(each, IsNew: false, "it is another's: only its maker makes versions of it"));
            }
            else if (count >= options.MaxObjects)
            {
                added.Add(new AddedObject(each, IsNew: false, $"the collection is full: it holds {options.MaxObjects} objects"));
            }
            else
            {
                last = Math.Max(time.NowMicros(), last + 1);
                count++;
                await transaction.ExecuteAsync(
                    $"INSERT INTO ddos_collection_object (collection, {Columns}) VALUES (@Collection, @StixId, @Version, @AddedAt, @Type, @Level, @Source, @Content)",
                    new { Collection = group.Name, StixId = each.Id.ToString(), Version = version, AddedAt = last, each.Type, Level = (long)levels[each.Id], Source = source, Content = each.ToString() });
                added.Add(new AddedObject(each, IsNew: true, null));
            }
        }

        await transaction.ExecuteAsync("UPDATE ddos_collection SET last_added = @Last WHERE name = @Name", new { group.Name, Last = last });
        return added;
    }

    /// <summary>What a client asked for, oldest first, through the gate again.</summary>
    /// <param name="id">One object only; null for all.</param>
    /// <param name="after">Only what was added after this position; the cursor of the page before.</param>
    public async ValueTask<CollectionPage> ReadAsync(SharingGroup group, TaxiiQuery query, StixId? id, long after, int limit, CancellationToken cancellationToken)
    {
        if (query.SpecVersions.Length > 0 && !query.SpecVersions.Contains("2.1"))
        {
            return new CollectionPage([], HasMore: false, Released.Through([], group.Audience));
        }

        var ids = id is { } one ? [one.ToString()] : query.Ids.Select(static text => StixId.TryParse(text, out var each) ? each.ToString() : "").ToArray();
        var versions = query.Versions.Select(UnixMicros.From).ToArray();
        var rows = await stores.Control.ReadAsync(
            reader => reader.QueryAsync<CollectionRow>(
                $"""
                SELECT {Columns} FROM ddos_collection_object o WHERE collection = @Collection AND added_at > @After {(ids.Length > 0 ? "AND stix_id IN @Ids" : "")}
                  {(query.Types.Length > 0 ? "AND type IN @Types" : "")} {Which(query)} ORDER BY added_at LIMIT @Limit
                """,
                new { Collection = group.Name, After = after, Ids = ids, Types = query.Types.ToArray(), Versions = versions, Limit = (long)limit + 1 }),
            cancellationToken);
        var page = rows.Take(limit).ToList();
        return new CollectionPage(page, rows.Count > limit, Through(group, page));
    }

    /// <summary>What we share and a peer was not sent yet, oldest first, through the gate again.</summary>
    public async ValueTask<CollectionPage> OwnAfterAsync(SharingGroup group, long after, int limit, CancellationToken cancellationToken)
    {
        var rows = await stores.Control.ReadAsync(
            reader => reader.QueryAsync<CollectionRow>(
                $"SELECT {Columns} FROM ddos_collection_object WHERE collection = @Collection AND source = @Source AND added_at > @After ORDER BY added_at LIMIT @Limit",
                new { Collection = group.Name, Source = Own, After = after, Limit = (long)limit }),
            cancellationToken);
        return new CollectionPage(rows, rows.Count == limit, Through(group, rows));
    }

    public ValueTask<bool> HoldsAsync(SharingGroup group, StixId id, CancellationToken cancellationToken) => stores.Control.ReadAsync(
        async reader => await reader.FirstOrDefaultAsync<long>("SELECT count(*) FROM ddos_collection_object WHERE collection = @Name AND stix_id = @Id", new { group.Name, Id = id.ToString() }) > 0,
        cancellationToken);

    /// <summary>Takes out what is older than it is kept. Not what came in the last minute, whatever the setting.</summary>
    public async ValueTask PurgeAsync(ISqlTransaction transaction)
    {
        var now = time.NowMicros();
        await transaction.ExecuteAsync("DELETE FROM ddos_collection_object WHERE added_at < @Before", new { Before = Math.Min(now - Back, now - (long)options.Keep.TotalMicroseconds) });
        await transaction.ExecuteAsync("DELETE FROM ddos_taxii_status WHERE at < @Before", new { Before = now - (24 * 3600 * UnixMicros.PerSecond) });
    }

    private static Released Through(SharingGroup group, IReadOnlyList<CollectionRow> rows)
    {
        var objects = new List<StixObject>();
        var levels = new Dictionary<StixId, int>();
        foreach (var row in rows)
        {
            if (StixReader.TryReadObject(Encoding.UTF8.GetBytes(row.Content), null, out var read, out _))
            {
                objects.Add(read!);
                levels[read!.Id] = Math.Max((int)row.Level, levels.GetValueOrDefault(read.Id));
            }
        }

        return Released.Through(objects, group.Audience, levels);
    }

    // match[version]: the newest of each object where nothing is said. Any of what is asked is enough.
    private static string Which(TaxiiQuery query)
    {
        if (query.WantsAll)
        {
            return "";
        }

        const string of = "FROM ddos_collection_object v WHERE v.collection = o.collection AND v.stix_id = o.stix_id)";
        var any = new List<string>();
        if (query.WantsLast)
        {
            any.Add($"version = (SELECT max(v.version) {of}");
        }

        if (query.WantsFirst)
        {
            any.Add($"version = (SELECT min(v.version) {of}");
        }

        if (query.Versions.Length > 0)
        {
            any.Add("version IN @Versions");
        }

        return string.Create(CultureInfo.InvariantCulture, $"AND ({string.Join(" OR ", any)})");
    }
}

/// <summary>What became of one object.</summary>
/// <param name="Why">Why it was refused; null when it is there now.</param>
internal sealed record AddedObject(StixObject Object, bool IsNew, string? Why);

/// <summary>A row of a collection.</summary>
internal sealed record CollectionRow(string StixId, long Version, long AddedAt, string Type, long Level, string Source, string Content)
{
    /// <summary>TAXII 2.1 section 3.4.1: of what has no time of its own, when it was added.</summary>
    public DateTimeOffset ToldVersion => UnixMicros.ToDateTimeOffset(Version == 0 ? AddedAt : Version);
}

/// <summary>A part of a collection.</summary>
/// <param name="Rows">With what is held back.</param>
/// <param name="Released">What may be told of them.</param>
internal sealed record CollectionPage(IReadOnlyList<CollectionRow> Rows, bool HasMore, Released Released)
{
    /// <summary>The rows of what may be told.</summary>
    public IReadOnlyList<CollectionRow> Told
    {
        get
        {
            // A version may be told finer than the row has it.
            var told = Released.Objects.Select(static each => (each.Id.ToString(), each.Version is { } version ? UnixMicros.From(version) : 0)).ToHashSet();
            return [.. Rows.Where(row => told.Contains((row.StixId, row.Version)))];
        }
    }
}
