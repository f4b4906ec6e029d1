using AngleSharp.Dom;
using AngleSharp.Html.Parser;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.ModelBinding;
using Microsoft.AspNetCore.Mvc.Razor;
using Microsoft.AspNetCore.Mvc.Rendering;
using Microsoft.AspNetCore.Mvc.ViewFeatures;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Rollcall.Tests.Web.GovUk;

/// <summary>Renders Specimen.cshtml, a page that uses every tag helper as pages do.</summary>
internal sealed class Specimen
{
    public SpecimenModel Model { get; } = new();

    public ModelStateDictionary State { get; } = new();

    public void Sent(string key, params string[] values) =>
        State.SetModelValue(key, values is [var one] ? one : values, string.Join(',', values));

    /// <summary>The words of an element as one line.</summary>
    public static string Words(IElement? element) =>
        string.Join(' ', element!.TextContent.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));

    public async Task<IElement> Section(string id) => (await Render()).QuerySelector("#" + id)!;

    public async Task<IDocument> Render()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Services.AddControllersWithViews().AddApplicationPart(typeof(Specimen).Assembly);
        builder.Services.AddDataProtection().UseEphemeralDataProtectionProvider();
        builder.Logging.ClearProviders();
        await using var app = builder.Build();
        await using var scope = app.Services.CreateAsyncScope();
        var services = scope.ServiceProvider;

        var views = services.GetRequiredService<IRazorViewEngine>();
        var view = views.GetView(executingFilePath: null, "/Web/GovUk/Specimen.cshtml", isMainPage: true).View!;
        var http = new DefaultHttpContext { RequestServices = services };
        var data = new ViewDataDictionary<SpecimenModel>(services.GetRequiredService<IModelMetadataProvider>(), State)
        {
            Model = Model,
        };
        var temporary = services.GetRequiredService<ITempDataDictionaryFactory>().GetTempData(http);
        await using var writer = new StringWriter();
        await view.RenderAsync(
            new ViewContext(
                new ActionContext(http, new RouteData(), new()),
                view,
                data,
                temporary,
                writer,
                new HtmlHelperOptions()
            )
        );
        return await new HtmlParser().ParseDocumentAsync(writer.ToString());
    }
}
