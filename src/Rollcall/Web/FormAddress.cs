using Microsoft.AspNetCore.Mvc.Rendering;
using Microsoft.AspNetCore.Mvc.ViewFeatures;
using Microsoft.AspNetCore.Razor.TagHelpers;

namespace Rollcall.Web;

/// <summary>
/// Gives every form without an action the page's own URL. A browser submits such a form to the URL it shows, including
/// the fragment, and then focuses the fragment instead of the error summary.
/// </summary>
[HtmlTargetElement("form")]
public sealed class FormAddress : TagHelper
{
    /// <summary>The page being rendered.</summary>
    [HtmlAttributeNotBound]
    [ViewContext]
    public ViewContext ViewContext { get; set; } = null!;

    /// <summary>
    /// Adds the attribute, after the framework's own tag helper, which leaves out the form token if it finds an action.
    /// </summary>
    /// <param name="context">Not used.</param>
    /// <param name="output">The form.</param>
    public override void Process(TagHelperContext context, TagHelperOutput output)
    {
        if (output.Attributes.TryGetAttribute("action", out var action) && action.Value?.ToString() is { Length: > 0 })
        {
            return;
        }

        var request = ViewContext.HttpContext.Request;
        var posts =
            output.Attributes.TryGetAttribute("method", out var method)
            && string.Equals(method.Value?.ToString(), "post", StringComparison.OrdinalIgnoreCase);
        var query = posts ? request.QueryString : default;
        output.Attributes.SetAttribute("action", request.PathBase + request.Path + query);
    }
}
