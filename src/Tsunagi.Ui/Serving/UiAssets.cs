using System.Collections.Frozen;
using System.IO.Compression;
using System.Reflection;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Tsunagi.Core.Identity;

namespace Tsunagi.Ui.Serving;

/// <summary>
/// The console's style, script, font and pictures, as resources of this assembly. Each is served under a URL that holds the hash of its bytes,
/// so a browser keeps it for a year and a new version is fetched at once.
/// </summary>
public sealed class UiAssets
{
    private static readonly (string Name, string[] Parts)[] Bundles =
    [
        ("console.css", ["tabler.css", "uplot.css", "tsunagi.css", "parts.css"]),
        ("console.js", ["htmx.js", "uplot.js", "console.js", "charts.js", "live.js"]),
        ("theme.js", ["theme.js"]),
        ("live-worker.js", ["live-worker.js"]),
        ("mark.svg", ["mark.svg"]),
        ("inter.woff2", ["inter.woff2"]),
    ];

    private readonly FrozenDictionary<string, UiAsset> _assets;

    public UiAssets()
    {
        var assets = new Dictionary<string, UiAsset>();
        foreach (var (name, parts) in Bundles.Reverse())
        {
            assets[name] = new UiAsset(name, Resolve(Join(parts), name, assets));
        }

        _assets = assets.ToFrozenDictionary();
    }

    /// <summary>The URL of an asset by its name ("console.css").</summary>
    public string this[string name] => _assets[name].Url;

    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/assets/{hash}/{name}", Serve).AllowsAnyone().ExcludeFromDescription();
        routes.MapGet("/favicon.ico", () => Results.Redirect(this["mark.svg"])).AllowsAnyone().ExcludeFromDescription();
    }

    /// <summary>The text of one resource, for parts that draw from it (the icons).</summary>
    internal static string ReadText(string name) => Encoding.UTF8.GetString(Read(name));

    private IResult Serve(string hash, string name, HttpContext http)
    {
        if (!_assets.TryGetValue(name, out var asset))
        {
            return Results.NotFound();
        }

        var headers = http.Response.Headers;
        headers.CacheControl = hash == asset.Hash ? "public, max-age=31536000, immutable" : "no-cache";
        headers.Vary = "Accept-Encoding";
        var accepted = http.Request.Headers.AcceptEncoding.ToString();
        if (asset.Brotli is { } brotli && accepted.Contains("br", StringComparison.Ordinal))
        {
            headers.ContentEncoding = "br";
            return Results.Bytes(brotli.Value, asset.ContentType);
        }

        if (asset.Gzip is { } gzip && accepted.Contains("gzip", StringComparison.Ordinal))
        {
            headers.ContentEncoding = "gzip";
            return Results.Bytes(gzip.Value, asset.ContentType);
        }

        return Results.Bytes(asset.Bytes, asset.ContentType);
    }

    private static byte[] Join(string[] parts)
    {
        if (parts.Length == 1)
        {
            return Read(parts[0]);
        }

        var all = new MemoryStream();
        foreach (var part in parts)
        {
            all.Write(Read(part));
            all.Write("\n"u8);
        }

        return all.ToArray();
    }

    // A style sheet names another asset as url(asset:inter.woff2); it gets that asset's own hashed URL.
    private static byte[] Resolve(byte[] bytes, string name, Dictionary<string, UiAsset> known)
    {
        if (!name.EndsWith(".css", StringComparison.Ordinal))
        {
            return bytes;
        }

        var text = Encoding.UTF8.GetString(bytes);
        foreach (var asset in known.Values)
        {
            text = text.Replace("asset:" + asset.Name, asset.Url, StringComparison.Ordinal);
        }

        return Encoding.UTF8.GetBytes(text);
    }

    private static byte[] Read(string name)
    {
        using var stream = Assembly.GetExecutingAssembly().GetManifestResourceStream("assets/" + name)
            ?? throw new InvalidOperationException($"the console's asset {name} is not in the assembly: was it built without npm?");
        var bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        return bytes;
    }

    private sealed class UiAsset
    {
        public UiAsset(string name, byte[] bytes)
        {
            Name = name;
            Bytes = bytes;
            Hash = Convert.ToHexStringLower(SHA256.HashData(bytes)[..6]);
            ContentType = Path.GetExtension(name) switch
            {
                ".css" => "text/css; charset=utf-8",
                ".js" => "text/javascript; charset=utf-8",
                ".svg" => "image/svg+xml",
                ".woff2" => "font/woff2",
                var other => throw new InvalidOperationException($"no content type is known for assets with {other}"),
            };
            if (ContentType != "font/woff2")
            {
                Brotli = new(() => Compress(bytes, static to => new BrotliStream(to, CompressionLevel.Optimal)));
                Gzip = new(() => Compress(bytes, static to => new GZipStream(to, CompressionLevel.Optimal)));
            }
        }

        public string Name { get; }

        public byte[] Bytes { get; }

        public string Hash { get; }

        public string ContentType { get; }

        public Lazy<byte[]>? Brotli { get; }

        public Lazy<byte[]>? Gzip { get; }

        public string Url => $"/assets/{Hash}/{Name}";

        private static byte[] Compress(byte[] bytes, Func<Stream, Stream> open)
        {
            var packed = new MemoryStream();
            using (var stream = open(packed))
            {
                stream.Write(bytes);
            }

            return packed.ToArray();
        }
    }
}
