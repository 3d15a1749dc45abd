using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Tsunagi.Ui.Serving;
using Tsunagi.Ui.Layout;
using Tsunagi.Ui.Live;
using Tsunagi.Ui.Subjects;
using Tsunagi.Ui.Tables;
using Tsunagi.Ui.Texts;

namespace Tsunagi.Ui;

/// <summary>Adds the shared parts to a program, and maps what they need: assets, pages, live stream, exports.</summary>
public static class UiServices
{
    /// <summary>Needs a <see cref="TimeProvider"/> and a <see cref="CallerOf"/> in the container too.</summary>
    public static IServiceCollection AddUi(this IServiceCollection services)
    {
        services.AddRazorComponents();
        services.AddHttpContextAccessor();
        services.AddDataProtection();
        services.AddAntiforgery(static options =>
        {
            options.Cookie.Name = "tsunagi.af";
            options.Cookie.SameSite = SameSiteMode.Strict;
            options.Cookie.HttpOnly = true;
            options.Cookie.Path = "/";
        });
        services.AddScoped<ConsoleView>();
        services.AddSingleton(RefusalWords.Core);
        services.AddSingleton<UiAssets>();
        services.AddSingleton<LiveHub>();
        services.AddSingleton<ConsoleNavigation>();
        services.AddSingleton<SubjectPages>();
        services.AddHostedService<FigurePump>();
        return services;
    }

    /// <summary>Maps the pages of all assemblies of <see cref="ConsoleNavigation"/> and the parts' own routes.</summary>
    public static void MapUi(this WebApplication app)
    {
        var navigation = app.Services.GetRequiredService<ConsoleNavigation>();
        app.Services.GetRequiredService<UiAssets>().Map(app);
        LiveStream.Map(app);
        TableExport.Map(app);
        var others = navigation.Pages.Where(static assembly => assembly != typeof(ConsoleDocument).Assembly).Distinct().ToArray();

        // Pages only show; what a form posts goes to its act, which may have the same address.
        app.MapRazorComponents<ConsoleDocument>().AddAdditionalAssemblies(others).Add(static page => page.Metadata.Add(new HttpMethodMetadata(["GET", "HEAD"])));
    }

    /// <summary>The headers of every page: nothing from elsewhere, nothing inline, no framing, nothing kept by a shared cache.</summary>
    public static void UseConsoleHeaders(this IApplicationBuilder app) => app.Use(static (http, next) =>
    {
        if (!http.Request.Path.StartsWithSegments("/api", StringComparison.OrdinalIgnoreCase) && !http.Request.Path.StartsWithSegments("/assets", StringComparison.OrdinalIgnoreCase))
        {
            var headers = http.Response.Headers;
            headers.ContentSecurityPolicy =
                "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; worker-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";
            headers.XContentTypeOptions = "nosniff";
            headers["Referrer-Policy"] = "same-origin";
            headers["Cross-Origin-Opener-Policy"] = "same-origin";
            headers["Permissions-Policy"] = "camera=(), microphone=(), geolocation=(), payment=()";
            headers.CacheControl = "no-cache, no-store";
            headers.Pragma = "no-cache";
        }

        return next(http);
    });
}
