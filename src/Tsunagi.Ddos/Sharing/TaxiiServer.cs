using System.Globalization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Tsunagi.Core.Identity;
using Tsunagi.Core.Store;
using Tsunagi.Core.Time;
using Tsunagi.Protocols.Flow.Stix;
using Tsunagi.Protocols.Flow.Taxii;

namespace Tsunagi.Ddos.Sharing;

/// <summary>
/// Our TAXII 2.1 server below /taxii2/: one root, a collection for each group. Every request: (1) the token, (2) the media types, (3) the collection and what the token may do with it, (4) what is asked of it.
/// Objects go out through <see cref="Released"/> only. Objects that come in pass the gate too: what could not be handed on is refused at once, by name, in the status.
/// </summary>
internal sealed class TaxiiServer(TaxiiAccess access, SharingOptions options, CollectionStore collections, TaxiiInbox inbox, Stores stores, TimeProvider time)
{
    private const string Root = "/taxii2/api/";

    public static void Map(IEndpointRouteBuilder routes)
    {
        // The routes let everybody come as far as here: who may is told by the token, in TAXII's own words.
        var taxii = routes.MapGroup("/taxii2").AllowsAnyone().ExcludeFromDescription();
        taxii.MapGet("/", static (HttpContext http) => Server(http).DiscoverAsync(http));
        taxii.MapGet("/api", static (HttpContext http) => Server(http).RootAsync(http));
        taxii.MapGet("/api/status/{status}", static (HttpContext http, string status) => Server(http).StatusAsync(http, status));
        taxii.MapGet("/api/collections", static (HttpContext http) => Server(http).CollectionsAsync(http));
        taxii.MapGet("/api/collections/{collection}", static (HttpContext http, string collection) => Server(http).CollectionAsync(http, collection));
        taxii.MapGet("/api/collections/{collection}/manifest", static (HttpContext http, string collection) => Server(http).ReadAsync(http, collection, null, Shape.Manifest));
        taxii.MapGet("/api/collections/{collection}/objects", static (HttpContext http, string collection) => Server(http).ReadAsync(http, collection, null, Shape.Objects));
        taxii.MapPost("/api/collections/{collection}/objects", static (HttpContext http, string collection) => Server(http).AddAsync(http, collection));
        taxii.MapGet("/api/collections/{collection}/objects/{stix}", static (HttpContext http, string collection, string stix) => Server(http).ReadAsync(http, collection, stix, Shape.Objects));
        taxii.MapGet("/api/collections/{collection}/objects/{stix}/versions", static (HttpContext http, string collection, string stix) => Server(http).ReadAsync(http, collection, stix, Shape.Versions));
    }

    /// <summary>A collection's id: a UUID (TAXII 2.1 section 5.2), always the same for the same organisation and group.</summary>
    public static string IdOf(SharingOptions options, SharingGroup group) => StixId.Of("identity", StixId.UrlNamespace, $"urn:tsunagi:collection:{options.Organisation}:{group.Name}").Uuid.ToString("D");

    private static TaxiiServer Server(HttpContext http) => http.RequestServices.GetRequiredService<TaxiiServer>();

    // Section 4.1
    private async Task DiscoverAsync(HttpContext http)
    {
        if (await AskerAsync(http) is not null)
        {
            var root = $"{http.Request.Scheme}://{http.Request.Host}{Root}";
            await AnswerAsync(http, 200, TaxiiWriter.Write(new TaxiiDiscovery(options.Organisation, "DDoS incidents", null, root, [root])));
        }
    }

    // Section 4.2
    private async Task RootAsync(HttpContext http)
    {
        if (await AskerAsync(http) is not null)
        {
            await AnswerAsync(http, 200, TaxiiWriter.Write(new TaxiiApiRoot(options.Organisation, "DDoS incidents", [TaxiiMedia.Taxii], options.MaxRequestBytes)));
        }
    }

    // Section 5.1
    private async Task CollectionsAsync(HttpContext http)
    {
        if (await AskerAsync(http) is { } asker)
        {
            await AnswerAsync(http, 200, TaxiiWriter.Write([.. options.Groups.Where(group => asker.MayRead(group) || asker.MayWrite(group)).Select(group => Tell(group, asker))]));
        }
    }

    // Section 5.2
    private async Task CollectionAsync(HttpContext http, string collection)
    {
        if (await AskerAsync(http) is { } asker && await GroupAsync(http, asker, collection) is { } group)
        {
            await AnswerAsync(http, 200, TaxiiWriter.Write(Tell(group, asker)));
        }
    }

    // Section 4.3: only who sent the objects is told what became of them.
    private async Task StatusAsync(HttpContext http, string status)
    {
        if (await AskerAsync(http) is not { } asker)
        {
            return;
        }

        var content = await stores.Control.ReadAsync(
            reader => reader.FirstOrDefaultAsync<string>("SELECT content FROM ddos_taxii_status WHERE id = @Id AND asker = @Asker", new { Id = status, Asker = asker.Id }), http.RequestAborted);
        await (content is null ? RefuseAsync(http, 404, "There is no such status") : AnswerAsync(http, 200, System.Text.Encoding.UTF8.GetBytes(content)));
    }

    // Sections 5.3, 5.4, 5.6, 5.8
    private async Task ReadAsync(HttpContext http, string collection, string? stix, Shape shape)
    {
        if (await AskerAsync(http) is not { } asker || await GroupAsync(http, asker, collection) is not { } group)
        {
            return;
        }

        if (!asker.MayRead(group))
        {
            await RefuseAsync(http, 403, "This collection is not yours to read");
            return;
        }

        StixId? id = null;
        if (stix is not null)
        {
            if (!StixId.TryParse(stix, out var named) || !await collections.HoldsAsync(group, named, http.RequestAborted))
            {
                await RefuseAsync(http, 404, "There is no such object in this collection");
                return;
            }

            id = named;
        }

        var parameters = http.Request.Query.Select(static each => KeyValuePair.Create(each.Key, string.Join(',', each.Value.ToArray())));
        var after = 0L;
        if (!TaxiiQuery.TryRead(parameters, out var query, out var problem)
            || (query.Next is { } next && !long.TryParse(next, NumberStyles.None, CultureInfo.InvariantCulture, out after)))
        {
            await RefuseAsync(http, 400, "The parameters cannot be read", problem.Length > 0 ? problem : "next is what the server gave");
            return;
        }

        // Our own times are in microseconds; a client that cuts them to milliseconds is told the last ones again rather than losing some.
        after = Math.Max(after, query.AddedAfter is { } since ? UnixMicros.From(since) : 0);
        query = shape == Shape.Versions ? query with { WantsAll = true } : query;
        var page = await collections.ReadAsync(group, query, id, after, Math.Min(query.Limit ?? options.MaxPage, options.MaxPage), http.RequestAborted);
        await TellAsync(http, page, shape);
    }

    private static Task TellAsync(HttpContext http, CollectionPage page, Shape shape)
    {
        var told = page.Told;
        if (told.Count > 0)
        {
            // Section 3.5
            http.Response.Headers["X-TAXII-Date-Added-First"] = StixTime.Format(UnixMicros.ToDateTimeOffset(told[0].AddedAt));
            http.Response.Headers["X-TAXII-Date-Added-Last"] = StixTime.Format(UnixMicros.ToDateTimeOffset(told[^1].AddedAt));
        }

        var next = page.HasMore ? page.Rows[^1].AddedAt.ToString(CultureInfo.InvariantCulture) : null;
        return AnswerAsync(http, 200, shape switch
        {
            Shape.Manifest => TaxiiWriter.Manifest([.. told.Select(static row => new TaxiiManifestRecord(row.StixId, UnixMicros.ToDateTimeOffset(row.AddedAt), row.ToldVersion))], page.HasMore),
            Shape.Versions => TaxiiWriter.Versions([.. told.Select(static row => row.ToldVersion)], page.HasMore),
            _ => TaxiiWriter.Envelope(page.Released.Objects, page.HasMore, next),
        });
    }

    // Section 5.5
    private async Task AddAsync(HttpContext http, string collection)
    {
        if (await AskerAsync(http) is not { } asker || await GroupAsync(http, asker, collection) is not { } group)
        {
            return;
        }

        if (!asker.MayWrite(group))
        {
            await RefuseAsync(http, 403, "This collection is not yours to add to");
        }
        else if (!TaxiiMedia.IsTaxii(http.Request.ContentType))
        {
            await RefuseAsync(http, 415, "The media type is not supported", TaxiiMedia.Taxii);
        }
        else if (await BodyAsync(http) is not { } body)
        {
            await RefuseAsync(http, 413, "The request is too large", $"at most {options.MaxRequestBytes} octets");
        }
        else if (!TaxiiReader.TryReadEnvelope(body, new StixLimits { MaxOctets = options.MaxRequestBytes }, out var envelope, out var error))
        {
            await RefuseAsync(http, 400, "The envelope cannot be read", error.ToString());
        }
        else if (envelope!.Content.Objects.Length == 0 && envelope.Content.Refused.Length > 0)
        {
            await RefuseAsync(http, 422, "No object of it can be read", envelope.Content.Refused[0].ToString());
        }
        else
        {
            var status = await inbox.TakeAsync(asker, group, envelope.Content, time.GetUtcNow(), http.RequestAborted);
            await AnswerAsync(http, 202, TaxiiWriter.Write(status));
        }
    }

    // (1), (2)
    private async ValueTask<TaxiiAsker?> AskerAsync(HttpContext http)
    {
        if (!options.IsOn)
        {
            await RefuseAsync(http, 404, "Nothing is shared here");
            return null;
        }

        if (await access.FindAsync(http) is not { } asker)
        {
            http.Response.Headers.WWWAuthenticate = "Basic realm=\"taxii\", Bearer realm=\"taxii\"";
            await RefuseAsync(http, 401, "A token is asked for");
            return null;
        }

        if (!TaxiiMedia.IsAccepted(http.Request.Headers.Accept.ToString()))
        {
            await RefuseAsync(http, 406, "The media type is not supported", TaxiiMedia.Taxii);
            return null;
        }

        return asker;
    }

    // (3) One that is no business of the asker's is not there.
    private async ValueTask<SharingGroup?> GroupAsync(HttpContext http, TaxiiAsker asker, string collection)
    {
        var group = options.Groups.FirstOrDefault(each => (each.Name == collection || IdOf(options, each) == collection) && (asker.MayRead(each) || asker.MayWrite(each)));
        if (group is null)
        {
            await RefuseAsync(http, 404, "There is no such collection, or it is not yours");
        }

        return group;
    }

    private TaxiiCollection Tell(SharingGroup group, TaxiiAsker asker) =>
        new(IdOf(options, group), group.Name, group.Description.Length > 0 ? group.Description : null, group.Name, asker.MayRead(group), asker.MayWrite(group));

    // Null when it is too long.
    private async ValueTask<byte[]?> BodyAsync(HttpContext http)
    {
        using var body = new MemoryStream();
        var buffer = new byte[16_384];
        int read;
        while ((read = await http.Request.Body.ReadAsync(buffer, http.RequestAborted)) > 0)
        {
            if (body.Length + read > options.MaxRequestBytes)
            {
                return null;
            }

            await body.WriteAsync(buffer.AsMemory(0, read), http.RequestAborted);
        }

        return body.ToArray();
    }

    private static Task RefuseAsync(HttpContext http, int status, string title, string? description = null) => AnswerAsync(http, status, TaxiiWriter.Write(new TaxiiError(title, description, status)));

    private static async Task AnswerAsync(HttpContext http, int status, ReadOnlyMemory<byte> body)
    {
        http.Response.StatusCode = status;
        http.Response.ContentType = TaxiiMedia.Taxii;
        http.Response.Headers.CacheControl = "no-store";
        http.Response.ContentLength = body.Length;
        await http.Response.Body.WriteAsync(body, http.RequestAborted);
    }

    private enum Shape
    {
        Objects,
        Manifest,
        Versions,
    }
}
